#include "core/pep/simple_html.h"

#include "core/pep/html_token.h"

#include <string.h>

/* The attributes of an anchor, and one more place for its text. */
enum anchor_part {
	ANCHOR_HREF,
	ANCHOR_REQUIRES_PYTHON,
	ANCHOR_YANKED,
	ANCHOR_CORE_METADATA,
	ANCHOR_DIST_INFO_METADATA, /* the old name, PEP 714 */
	ANCHOR_PROVENANCE,
	ANCHOR_TEXT,
	ANCHOR_COUNT
};

static const char *const anchor_attributes[ANCHOR_COUNT] = {
	[ANCHOR_HREF] = "href",
	[ANCHOR_REQUIRES_PYTHON] = "data-requires-python",
	[ANCHOR_YANKED] = "data-yanked",
	[ANCHOR_CORE_METADATA] = "data-core-metadata",
	[ANCHOR_DIST_INFO_METADATA] = "data-dist-info-metadata",
	[ANCHOR_PROVENANCE] = "data-provenance",
};

enum page_part { PAGE_API_VERSION, PAGE_STATUS, PAGE_STATUS_REASON, PAGE_COUNT };

static const char *const page_metas[PAGE_COUNT] = {
	[PAGE_API_VERSION] = "pypi:repository-version",
	[PAGE_STATUS] = "pypi:project-status",
	[PAGE_STATUS_REASON] = "pypi:project-status-reason",
};

struct html_page {
	const struct simple_page_handler *handler;
	void *user;
	bool is_html;
	bool in_anchor;
	bool has_base;
	bool given[ANCHOR_COUNT];
	struct buf anchor[ANCHOR_COUNT];
	struct buf page[PAGE_COUNT];
	size_t files;
};

static struct str anchor_text(const struct html_page *p, enum anchor_part part)
{
	return str_trim(buf_view(&p->anchor[part]));
}

/* The part of *s behind the first c; *s becomes what is before it. */
static struct str cut(struct str *s, char c)
{
	ptrdiff_t at = str_find(*s, c);
	if (at < 0) {
		return (struct str){0};
	}
	struct str behind = str_slice(*s, (size_t)at + 1, s->n);
	*s = str_slice(*s, 0, (size_t)at);
	return behind;
}

/* "sha256=…" among the '&'-separated parts of a fragment. */
static struct str find_sha256(struct str fragment)
{
	struct str part;
	while (str_split(&fragment, '&', &part)) {
		if (str_starts(part, "sha256=")) {
			return str_slice(part, strlen("sha256="), part.n);
		}
	}
	return (struct str){0};
}

static struct str last_segment(struct str url)
{
	cut(&url, '?');
	return str_slice(url, (size_t)(str_find_last(url, '/') + 1), url.n);
}

static int anchor_end(struct html_page *p, struct err *e)
{
	p->in_anchor = false;
	struct str url = anchor_text(p, ANCHOR_HREF);
	struct str fragment = cut(&url, '#');
	/* links to folders and pages (a proxy's footer) are no files */
	if (url.n == 0 || str_ends(url, "/")) {
		return 0;
	}
	struct str filename = anchor_text(p, ANCHOR_TEXT);
	if (filename.n == 0) {
		filename = last_segment(url);
	}
	if (filename.n == 0) {
		return 0;
	}
	enum anchor_part metadata =
		p->given[ANCHOR_CORE_METADATA] ? ANCHOR_CORE_METADATA : ANCHOR_DIST_INFO_METADATA;
	struct str metadata_value = anchor_text(p, metadata);
	struct simple_file file = {
		.filename = filename,
		.url = url,
		.sha256 = find_sha256(fragment),
		.requires_python = anchor_text(p, ANCHOR_REQUIRES_PYTHON),
		.yanked = p->given[ANCHOR_YANKED],
		.yanked_reason = anchor_text(p, ANCHOR_YANKED),
		.core_metadata = p->given[metadata] && !str_is(metadata_value, "false"),
		.core_metadata_sha256 = find_sha256(metadata_value),
		.provenance = anchor_text(p, ANCHOR_PROVENANCE),
	};
	p->files++;
	return p->handler->on_file(p->user, &file, e);
}

static void anchor_begin(struct html_page *p, struct str attributes)
{
	struct str name, value;
	for (int i = 0; i < ANCHOR_COUNT; i++) {
		p->given[i] = false;
		buf_clear(&p->anchor[i]);
	}
	p->in_anchor = true;
	while (html_attribute_next(&attributes, &name, &value)) {
		for (int i = 0; i < ANCHOR_TEXT; i++) {
			/* of an attribute given twice the first one counts, as in browsers */
			if (!p->given[i] && str_equal_nocase(name, str_from(anchor_attributes[i]))) {
				p->given[i] = true;
				html_decode(value, &p->anchor[i]);
			}
		}
	}
}

static void read_meta(struct html_page *p, struct str attributes)
{
	struct str name, value, meta = {0}, content = {0};
	while (html_attribute_next(&attributes, &name, &value)) {
		if (str_equal_nocase(name, STR("name"))) {
			meta = value;
		} else if (str_equal_nocase(name, STR("content"))) {
			content = value;
		}
	}
	for (int i = 0; i < PAGE_COUNT; i++) {
		if (str_is(meta, page_metas[i])) {
			buf_clear(&p->page[i]);
			html_decode(content, &p->page[i]);
		}
	}
}

/* HTML, "the base element": the first href counts, and files before it were read without it. */
static int read_base(struct html_page *p, struct str attributes, struct err *e)
{
	struct str name, value;
	int code = 0;
	while (!p->has_base && html_attribute_next(&attributes, &name, &value)) {
		if (str_equal_nocase(name, STR("href"))) {
			struct buf href = {0};
			html_decode(value, &href);
			p->has_base = true;
			if (p->handler->on_base != NULL) {
				code = p->handler->on_base(p->user, str_trim(buf_view(&href)), e);
			}
			buf_finish(&href);
		}
	}
	return code;
}

static int read_token(struct html_page *p, const struct html_token *t, struct err *e)
{
	bool anchor = str_equal_nocase(t->name, STR("a"));
	int code = 0;
	switch (t->kind) {
	case HTML_START:
		p->is_html = p->is_html || anchor || str_equal_nocase(t->name, STR("html"));
		if (anchor) {
			code = p->in_anchor ? anchor_end(p, e) : 0; /* anchors do not nest */
			anchor_begin(p, t->attributes);
		} else if (str_equal_nocase(t->name, STR("meta"))) {
			read_meta(p, t->attributes);
		} else if (str_equal_nocase(t->name, STR("base"))) {
			code = read_base(p, t->attributes, e);
		}
		break;
	case HTML_END:
		code = anchor && p->in_anchor ? anchor_end(p, e) : 0;
		break;
	case HTML_TEXT:
		if (p->in_anchor) {
			html_decode(t->text, &p->anchor[ANCHOR_TEXT]);
		}
		break;
	case HTML_DOCTYPE:
		p->is_html = true;
		break;
	}
	return code;
}

static int page_end(struct html_page *p, struct str name, struct err *e)
{
	struct str version = buf_view(&p->page[PAGE_API_VERSION]);
	struct str status = buf_view(&p->page[PAGE_STATUS]);
	if (!p->is_html) {
		return err_set(e, ERR_INVALID, "not an HTML page (PEP 503)");
	}
	struct simple_project project = {
		.name = name,
		.status = status.n != 0 ? status : STR("active"),
		.status_reason = buf_view(&p->page[PAGE_STATUS_REASON]),
		.api_version = version.n != 0 ? version : STR("1.0"),
		.files = p->files,
	};
	return p->handler->on_project != NULL ? p->handler->on_project(p->user, &project, e) : 0;
}

/* The version stands in the head, before any file. */
static int check_version(const struct html_page *p, struct err *e)
{
	struct str version = buf_view(&p->page[PAGE_API_VERSION]);
	if (version.n == 0 || str_is(version, "1") || str_starts(version, "1.")) {
		return 0;
	}
	return err_set(e, ERR_UNSUPPORTED, "pypi:repository-version '%.*s' is not 1.x (PEP 629)",
		STR_ARG(version));
}

int simple_html_read(struct str text, struct str name, const struct simple_page_handler *handler,
	void *user, struct err *e)
{
	struct html_page p = {.handler = handler, .user = user};
	struct html_token token;
	int code = 0;
	while (code == 0 && html_token_next(&text, &token)) {
		code = read_token(&p, &token, e);
		if (code == 0) {
			code = check_version(&p, e);
		}
	}
	if (code == 0 && p.in_anchor) {
		code = anchor_end(&p, e);
	}
	if (code == 0) {
		code = page_end(&p, name, e);
	}
	for (int i = 0; i < ANCHOR_COUNT; i++) {
		buf_finish(&p.anchor[i]);
	}
	for (int i = 0; i < PAGE_COUNT; i++) {
		buf_finish(&p.page[i]);
	}
	return code;
}
