/* A project's page of the simple repository API in JSON: PEP 691, with 592 (yanked), 700 (size,
 * upload-time, versions), 714 (core-metadata), 740 (provenance) and 792 (project status).
 *
 * The parser is a json_sink: whoever reads JSON (core/io/json.h) feeds it. It ignores unknown keys
 * at any depth below SIMPLE_PAGE_DEPTH; a key it knows with a value of the wrong type is an error
 * that names the JSON path; of a key given twice the last one wins, as JSON readers commonly do. */
#pragma once

#include "core/base/json_sink.h"

enum { SIMPLE_PAGE_DEPTH = 32 };

/* One file. Views of a page in JSON live as long as its text and end in a zero byte; those of one in HTML
 * live until the callback returns. A missing text is the empty view. */
struct simple_file {
	struct str filename;
	struct str url; /* as written: may be relative to the page */
	struct str sha256; /* 64 hex digits as written, or empty */
	bool has_size;
	uint64_t size;
	struct str requires_python; /* empty: any */
	bool yanked;
	struct str yanked_reason;
	struct str upload_time; /* RFC 3339; see clock_parse */
	bool core_metadata; /* FILENAME.metadata is beside the file */
	struct str core_metadata_sha256; /* may be empty */
	struct str provenance; /* URL, or empty */
};

/* The project, told once, at the end of the page: its keys may stand behind the files. */
struct simple_project {
	struct str name;
	struct str status; /* "active" (also if absent), "archived", "quarantined", "deprecated", … */
	struct str status_reason;
	struct str api_version; /* "1.1" */
	struct str last_serial; /* as text; empty if absent */
	size_t files; /* how many on_file calls were made */
};

/* Each returns 0 to go on, or a negative error that ends the parse. on_project and on_base may be
 * NULL. */
struct simple_page_handler {
	int (*on_file)(void *user, const struct simple_file *file, struct err *e);
	int (*on_project)(void *user, const struct simple_project *project, struct err *e);
	/* HTML alone: the page's <base href>, before the files; their addresses are relative to it. */
	int (*on_base)(void *user, struct str href, struct err *e);
};

struct simple_page;
/* handler must outlive the page. The caller destroys. */
struct simple_page *simple_page_create(const struct simple_page_handler *handler, void *user);
void simple_page_destroy(struct simple_page *p);
/* The sink to give the reader, with p as its user. */
const struct json_sink *simple_page_sink(void);
/* After the reader finished: ERR_INVALID if what it read was no project page (no object, no `files`,
 * no `meta.api-version` of major 1). on_project was called before. */
int simple_page_finish(struct simple_page *p, struct err *e);
