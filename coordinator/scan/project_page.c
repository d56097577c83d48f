#include "coordinator/scan/project_page.h"

#include "coordinator/scan/url.h"
#include "coordinator/verdict/published.h"
#include "core/base/clock.h"
#include "core/io/json.h"
#include "core/pep/filename.h"
#include "core/pep/simple_html.h"
#include "core/pep/simple_page.h"

enum { HTML_LIMIT = 64 << 20 };

static struct str keep(struct project_page *p, struct str text)
{
	return text.n != 0 ? (struct str){arena_copy(&p->arena, text.p, text.n), text.n}
					   : (struct str){0};
}

static int on_file(void *user, const struct simple_file *file, struct err *e)
{
	struct project_page *p = user;
	struct str url = url_resolve(p->base, file->url, &p->arena);
	if (file->filename.n == 0 || url.n == 0) {
		return 0; /* a file that nobody can name or fetch is none */
	}
	int64_t uploaded = 0;
	if (file->upload_time.n != 0 && !clock_parse(file->upload_time, &uploaded)) {
		uploaded = 0;
	}
	*vec_add(&p->files) = (struct store_file){
		.filename = keep(p, file->filename),
		.url = url,
		.sha256 = keep(p, file->sha256),
		.size = file->has_size && file->size <= INT64_MAX ? (int64_t)file->size : -1,
		.requires_python = keep(p, file->requires_python),
		.yanked = file->yanked,
		.uploaded = uploaded,
		.metadata_sha256 = keep(p, file->core_metadata_sha256),
	};
	return 0;
}

static int on_project(void *user, const struct simple_project *project, struct err *e)
{
	struct project_page *p = user;
	p->display = keep(p, project->name);
	p->status = keep(p, project->status);
	if (!str_to_i64(project->last_serial, &p->serial)) {
		p->serial = 0;
	}
	return 0;
}

static const struct simple_page_handler handler = {.on_file = on_file, .on_project = on_project};

void project_page_init(struct project_page *p, const char *name)
{
	*p = (struct project_page){0};
	p->name = arena_copy(&p->arena, name, strlen(name));
}

void project_page_finish(struct project_page *p)
{
	json_reader_destroy(p->reader);
	simple_page_destroy(p->parser);
	buf_finish(&p->html);
	vec_finish(&p->files);
	arena_finish(&p->arena);
	*p = (struct project_page){0};
}

int project_page_feed(struct project_page *p, struct str piece)
{
	if (p->code != 0) {
		return p->code;
	}
	switch (p->format) {
	case PAGE_JSON:
		if (p->reader == NULL) {
			p->parser = simple_page_create(&handler, p);
			p->reader = json_reader_create(simple_page_sink(), p->parser, NULL);
		}
		p->code = json_reader_feed(p->reader, piece, &p->err);
		break;
	case PAGE_HTML:
		if (p->html.n + piece.n > HTML_LIMIT) {
			p->code = err_set(&p->err, ERR_TOO_LARGE, "the page is over %d bytes", HTML_LIMIT);
		} else {
			buf_add_str(&p->html, piece);
		}
		break;
	case PAGE_UNKNOWN:
		p->code = err_set(&p->err, ERR_INVALID, "the page is neither JSON nor HTML");
		break;
	}
	return p->code;
}

int project_page_end(struct project_page *p)
{
	if (p->code != 0) {
		return p->code;
	}
	if (p->format == PAGE_HTML) {
		p->code = simple_html_read(buf_view(&p->html), str_from(p->name), &handler, p, &p->err);
	} else if (p->reader == NULL) {
		p->code = err_set(&p->err, ERR_INVALID, "the page is empty");
	} else {
		p->code = json_reader_finish(p->reader, &p->err);
		if (p->code == 0) {
			p->code = simple_page_finish(p->parser, &p->err);
		}
	}
	return p->code;
}

/* The text with a zero byte behind it, NULL for the empty view. */
static const char *text_or_null(struct project_page *p, struct str text)
{
	return text.n != 0 ? arena_copy(&p->arena, text.p, text.n) : NULL;
}

static void judge_file(struct project_page *p, struct store_file *file, struct buf *scratch)
{
	struct filename name;
	file->kind = "other";
	if (filename_parse(file->filename, &name, NULL) != 0 || name.kind == FILENAME_OTHER) {
		return;
	}
	file->kind = name.kind == FILENAME_WHEEL ? "wheel" : "sdist";
	buf_clear(scratch);
	version_write(&name.version, scratch);
	file->version = keep(p, buf_view(scratch));
}

void project_page_judge(
	struct project_page *p, const struct target_set *targets, const struct scope *scope)
{
	struct buf scratch = {0};
	struct published_file *files = mem_new(p->files.n + 1, sizeof(*files));
	for (size_t i = 0; i < p->files.n; i++) {
		struct store_file *file = &p->files.v[i];
		judge_file(p, file, &scratch);
		files[i] = (struct published_file){.filename = file->filename,
			.requires_python = file->requires_python,
			.yanked = file->yanked,
			.uploaded = file->uploaded};
	}
	struct published *published = published_create(str_from(p->name), files, p->files.n);
	p->newest = keep(p, published_newest(published, &p->newest_date));
	p->facts = arena_new(&p->arena, (targets->n + 1) * sizeof(*p->facts));
	for (size_t i = 0; i < targets->n; i++) {
		const struct pep_target *target = &targets->v[i].pep;
		struct published_fact fact;
		published_fact(published, target,
			scope_find(scope, str_from(p->name), str_from(target->name)) != NULL, &fact);
		p->facts[i] = (struct store_published){
			.target_name = target->name,
			.state = published_state_word(fact.state),
			.version = text_or_null(p, fact.version),
			.file = text_or_null(p, fact.file),
			.sdist_version = text_or_null(p, fact.sdist_version),
			.sdist_file = text_or_null(p, fact.sdist_file),
			.first_version = text_or_null(p, fact.first_version),
			.first_date = fact.first_date,
			.lost_accelerator = fact.lost_accelerator,
			.emulated_alternative = fact.emulated_alternative,
			.vanished = text_or_null(p, fact.vanished),
			.compiled_elsewhere = fact.compiled_elsewhere,
		};
	}
	published_destroy(published);
	free(files);
	buf_finish(&scratch);
}
