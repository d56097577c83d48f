#include "web/pages.h"

#include "coordinator/store/log.h"
#include "core/base/log.h"
#include "reports/json_page.h"
#include "web/log_stream.h"
#include "web/openapi.h"
#include "web/page_render.h"
#include "web/server_parts.h"

#include <string.h>

enum {
	PAGE_LOG_BYTES = 16 << 20, /* of a log, to find the evidence in */
	TEXT_LOG_BYTES = 64 << 20, /* of a log as text; more by lines is not asked for by people */
};

static int read_number(const struct request *r, int64_t *job, struct err *e)
{
	if (!str_to_i64(str_from(r->argument), job) || *job < 0) {
		return err_set(e, ERR_NOT_FOUND, "A job's number is a whole number.");
	}
	return 0;
}

static int find_job(const struct request *r, struct store *s, struct job_view *v, struct err *e)
{
	int64_t job = 0;
	int code = read_number(r, &job, e);
	return code == 0 ? store_job_view(s, job, v, e) : code;
}

/* The log from its start, at most `limit` bytes of it; store_log_read gives it in pieces. */
static int read_log(
	const struct request *r, const struct job_view *v, size_t limit, struct buf *out, struct err *e)
{
	int64_t size = store_log_size(r->server->blobs, &v->log);
	int64_t end = size < (int64_t)limit ? size : (int64_t)limit;
	while ((int64_t)out->n < end) {
		size_t before = out->n;
		int code = store_log_read(r->server->blobs, &v->log, (int64_t)before, end, out, e);
		if (code != 0) {
			return code;
		}
		if (out->n == before) {
			break;
		}
	}
	return 0;
}

/* --- the page --- */

static int write_page(struct request *r, const struct job_view *v, struct err *e)
{
	struct buf text = {0};
	struct err problem = {0};
	struct html h = {.out = &r->reply.body};
	const struct page page = page_of(r);
	bool has_log = v->log.sha256 != NULL || v->log.live != NULL;
	struct job_log log = {.find = str_from(request_query(r, "find")),
		.size = store_log_size(r->server->blobs, &v->log)};
	if (!has_log) {
		log.problem = "There is no log: the job has not run yet.";
	} else if (read_log(r, v, PAGE_LOG_BYTES, &text, &problem) != 0) {
		log.problem = "The log is not kept any more.";
		log_info("web", "%s: %s", r->path, problem.text);
	}
	log.text = buf_view(&text);
	html_page_job(&h, &page, v, &log);
	buf_finish(&text);
	return html_end(&h, e);
}

int page_job(struct request *r, struct store *s, struct err *e)
{
	struct job_view v = {0};
	if (!request_query_fits(r, "find", OPENAPI_FIND_LENGTH)) {
		return err_set(e, ERR_INVALID, "find: longer than what a log is searched for");
	}
	int code = find_job(r, s, &v, e);
	if (code == 0 && r->form == ROUTE_JSON) {
		struct json_writer w;
		json_writer_init(&w, &r->reply.body, true);
		json_page_job(&v, &w);
		json_writer_finish(&w);
	} else if (code == 0) {
		code = write_page(r, &v, e);
	}
	job_view_finish(&v);
	return code;
}

/* --- the log as text --- */

int page_job_log(struct request *r, struct store *s, struct err *e)
{
	struct job_view v = {0};
	int64_t from = 0;
	int64_t to = 0;
	if (!request_query_int(r, "from", &from) || !request_query_int(r, "to", &to) || from < 0 ||
		to < 0 || from > OPENAPI_LOG_MOST || to > OPENAPI_LOG_MOST) {
		return err_set(e, ERR_INVALID, "from and to are line numbers, from 1 on");
	}
	struct buf text = {0};
	int code = find_job(r, s, &v, e);
	if (code == 0) {
		code = read_log(r, &v, TEXT_LOG_BYTES, &text, e);
	}
	if (code == 0 && from <= 1 && to == 0) {
		r->reply.body = text;
		text = (struct buf){0};
	} else if (code == 0) {
		buf_add_str(&r->reply.body, log_lines(buf_view(&text), from, to));
	}
	buf_finish(&text);
	job_view_finish(&v);
	return code;
}

/* --- the job itself --- */

int page_job_spec(struct request *r, struct store *s, struct err *e)
{
	struct job_view v = {0};
	int code = find_job(r, s, &v, e);
	if (code == 0) {
		buf_add_text(&r->reply.body, v.spec);
	}
	job_view_finish(&v);
	return code;
}

/* --- the growing log --- */

int page_job_events(struct request *r, struct store *s, struct err *e)
{
	int64_t job = 0;
	int64_t from = 0;
	bool known = r->last_event != NULL && str_to_i64(str_from(r->last_event), &from);
	if ((!known && !request_query_int(r, "from", &from)) || from < 0 || from > OPENAPI_LOG_MOST) {
		return err_set(e, ERR_INVALID, "from is a number of bytes");
	}
	r->reply.cache = REPLY_NEVER;
	int code = read_number(r, &job, e);
	return code == 0 ? log_stream_open(r->server, s, job, from, &r->reply.stream, e) : code;
}
