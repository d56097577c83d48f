#include "coordinator/scan/project_page.h"

#include "coordinator/scan/url.h"
#include "coordinator/verdict/published.h"
#include "core/base/clock.h"
#include "core/io/fetch.h"
#include "core/io/json.h"
#include "core/pep/filename.h"
#include "core/pep/simple_html.h"
#include "core/pep/simple_page.h"

enum { HTML_LIMIT = 64 << 20, FILES_LIMIT = 500 * 1000 };

const char project_page_accept[] =
	"Accept: application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
	"text/html;q=0.1";

static struct str keep(struct project_page *p, struct str text)
{
	return text.n != 0 ? (struct str){arena_copy(&p->arena, text.p, text.n), text.n}
					   : (struct str){0};
}

/* Files that stand side by side mostly say the same: then it is one text. */
static struct str same_rule(const struct project_page *p, struct str text)
{
	if (p->files.n != 0) {
		struct str last = p->files.v[p->files.n - 1].requires_python;
		if (str_equal(last, text)) {
			return last;
		}
	}
	return text;
}

/* Of JSON: the texts of a file stay where they stand in the page's. */
static int on_file(void *user, const struct simple_file *in, struct err *e)
{
	struct project_page *p = user;
	struct str url = url_resolve(p->base, in->url, &p->arena);
	if (in->filename.n == 0 || url.n == 0) {
		return 0; /* a file that nobody can name or fetch is none */
	}
	if (p->files.n == FILES_LIMIT) {
		return err_set(e, ERR_TOO_LARGE, "the page has over %d files", FILES_LIMIT);
	}
	struct str requires_python = same_rule(p, in->requires_python);
	struct store_file *file = vec_add(&p->files);
	file->url = url;
	file->filename = in->filename;
	file->sha256 = in->sha256.n != 0 ? in->sha256 : (struct str){0};
	file->metadata_sha256 = in->core_metadata_sha256;
	file->size = in->has_size && in->size <= INT64_MAX ? (int64_t)in->size : -1;
	file->requires_python = requires_python;
	file->yanked = in->yanked;
	if (!clock_parse(in->upload_time, &file->uploaded)) {
		file->uploaded = 0;
	}
	return 0;
}

/* Of HTML: the texts are gone when this returns. */
static int on_link(void *user, const struct simple_file *in, struct err *e)
{
	struct project_page *p = user;
	struct simple_file kept = *in;
	kept.filename = keep(p, in->filename);
	kept.url = keep(p, in->url);
	kept.sha256 = keep(p, in->sha256);
	kept.core_metadata_sha256 = keep(p, in->core_metadata_sha256);
	kept.requires_python = keep(p, in->requires_python);
	return on_file(p, &kept, e);
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

static int on_base(void *user, struct str href, struct err *e)
{
	struct project_page *p = user;
	struct str base = url_resolve(p->base, href, &p->arena);
	if (base.n != 0) {
		p->base = keep(p, base);
	}
	return 0;
}

static const struct simple_page_handler json_handler = {
	.on_file = on_file, .on_project = on_project};
static const struct simple_page_handler html_handler = {
	.on_file = on_link, .on_project = on_project, .on_base = on_base};

void project_page_init(struct project_page *p, const char *name)
{
	*p = (struct project_page){0};
	p->name = arena_copy(&p->arena, name, strlen(name));
}

void project_page_finish(struct project_page *p)
{
	published_destroy(p->published);
	buf_finish(&p->text);
	vec_finish(&p->files);
	arena_finish(&p->arena);
	*p = (struct project_page){0};
}

int project_page_begin(struct project_page *p, const struct fetch_response *response)
{
	struct str type = str_from(response->content_type);
	struct str base = str_from(response->effective_url);
	p->base = (struct str){arena_copy(&p->arena, base.p, base.n), base.n};
	p->format = str_find_text(type, STR("json")) >= 0 ? PAGE_JSON
		: str_find_text(type, STR("html")) >= 0       ? PAGE_HTML
													  : PAGE_UNKNOWN;
	if (p->format == PAGE_UNKNOWN) {
		p->code = err_set(&p->err, ERR_INVALID, "the page is neither JSON nor HTML");
	}
	return p->code;
}

static int read_json(struct project_page *p)
{
	struct simple_page *parser = simple_page_create(&json_handler, p);
	buf_reserve(&p->text, JSON_PADDING);
	int code = json_read(p->text.p, p->text.n, simple_page_sink(), parser, NULL, &p->err);
	if (code == 0) {
		code = simple_page_finish(parser, &p->err);
	}
	simple_page_destroy(parser);
	return code;
}

static int read_html(struct project_page *p)
{
	if (p->text.n > HTML_LIMIT) {
		return err_set(&p->err, ERR_TOO_LARGE, "the page is over %d bytes", HTML_LIMIT);
	}
	return simple_html_read(buf_view(&p->text), str_from(p->name), &html_handler, p, &p->err);
}

int project_page_end(struct project_page *p)
{
	if (p->code == 0 && p->text.n == 0) {
		p->code = err_set(&p->err, ERR_INVALID, "the page is empty");
	}
	if (p->code == 0) {
		p->code = p->format == PAGE_HTML ? read_html(p) : read_json(p);
	}
	return p->code;
}

static void judge_files(struct project_page *p)
{
	static const char *const kinds[] = {
		[FILENAME_WHEEL] = "wheel", [FILENAME_SDIST] = "sdist", [FILENAME_OTHER] = "other"};
	struct published_file *files = arena_new(&p->arena, (p->files.n + 1) * sizeof(*files));
	for (size_t i = 0; i < p->files.n; i++) {
		const struct store_file *file = &p->files.v[i];
		files[i] = (struct published_file){.filename = file->filename,
			.requires_python = file->requires_python,
			.yanked = file->yanked,
			.uploaded = file->uploaded};
	}
	p->published = published_create(str_from(p->name), files, p->files.n);
	p->published_files = files;
	for (size_t i = 0; i < p->files.n; i++) {
		struct store_file *file = &p->files.v[i];
		file->kind = kinds[published_kind(p->published, i, &file->version)];
	}
}

/* An archived or quarantined project (PEP 792) says so: nothing of it has vanished. */
static bool is_withdrawn(const struct project_page *p)
{
	return str_is(p->status, "archived") || str_is(p->status, "quarantined");
}

static const char *sha256_of(const struct project_page *p, const struct published_file *file)
{
	return file != NULL ? p->files.v[file - p->published_files].sha256.p : NULL;
}

void project_page_judge(
	struct project_page *p, const struct target_set *targets, const struct scope *scope)
{
	size_t n = targets->n;
	const struct pep_target **asked = arena_new(&p->arena, (n + 1) * sizeof(*asked));
	struct published_fact *facts = arena_new(&p->arena, (n + 1) * sizeof(*facts));
	for (size_t i = 0; i < n; i++) {
		asked[i] = &targets->v[i].pep;
	}
	judge_files(p);
	p->newest = published_newest(p->published, &p->newest_date);
	published_facts(p->published, asked, n, facts);
	p->facts = arena_new(&p->arena, (n + 1) * sizeof(*p->facts));
	for (size_t i = 0; i < n; i++) {
		const struct published_fact *fact = &facts[i];
		bool out_of_scope = scope_find(scope, str_from(p->name), str_from(asked[i]->name)) != NULL;
		p->facts[i] = (struct store_published){
			.target_name = asked[i]->name,
			.state = published_state_word(out_of_scope ? PUBLISHED_NOT_APPLICABLE : fact->state),
			.version = fact->version.p,
			.file = fact->file != NULL ? fact->file->filename.p : NULL,
			.file_sha256 = sha256_of(p, fact->file),
			.sdist_version = fact->sdist_version.p,
			.sdist_file = fact->sdist_file != NULL ? fact->sdist_file->filename.p : NULL,
			.first_version = fact->first_version.p,
			.first_date = fact->first_date,
			.newest_version = fact->newest_version.p,
			.newest_date = fact->newest_date,
			.behind = fact->behind,
			.lost_accelerator = fact->lost_accelerator,
			.emulated_alternative = fact->emulated_alternative,
			.vanished = is_withdrawn(p) ? NULL : fact->vanished.p,
			.compiled_elsewhere = fact->compiled_elsewhere,
		};
	}
}
