#include "web/api_reply.h"

#include "web/routes.h"

#include <errno.h>

/* What a code of the queue is in HTTP, and the word for programs. */
static const struct {
	int code;
	int status;
	const char *word;
	int retry_after;
} refusals[] = {
	{ERR_LEASE_LOST, MHD_HTTP_CONFLICT, "lease_lost", 0},
	{ERR_CONFLICT, MHD_HTTP_CONFLICT, "offset", 0},
	{ERR_DENIED, MHD_HTTP_FORBIDDEN, "denied", 0},
	{ERR_INVALID, MHD_HTTP_BAD_REQUEST, "invalid", 0},
	{ERR_NOT_FOUND, MHD_HTTP_NOT_FOUND, "not_found", 0},
	{ERR_TOO_LARGE, MHD_HTTP_CONTENT_TOO_LARGE, "too_large", 0},
	{ERR_HASH_MISMATCH, MHD_HTTP_UNPROCESSABLE_CONTENT, "hash_mismatch", 0},
	{ERR_UNSUPPORTED, MHD_HTTP_UPGRADE_REQUIRED, "protocol", 0},
	{ERR_BUSY, MHD_HTTP_SERVICE_UNAVAILABLE, "busy", 2},
	{ERR_CANCELLED, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping", 2},
	{-ENOSPC, MHD_HTTP_SERVICE_UNAVAILABLE, "disk_full", 30},
};

void api_reply_begin(struct request *r, int status, struct json_writer *w)
{
	reply_clear(&r->reply);
	r->reply.status = status;
	r->reply.type = route_type(ROUTE_DATA);
	r->reply.cache = REPLY_NEVER;
	json_writer_init(w, &r->reply.body, false);
	json_object_begin(w);
}

void api_reply_end(struct json_writer *w)
{
	json_object_end(w);
	json_writer_finish(w);
}

void api_refuse_status(struct request *r, int status, const char *word, const char *sentence)
{
	struct json_writer w;
	api_reply_begin(r, status, &w);
	json_kv_int(&w, "status", status);
	json_kv_text(&w, "error", word);
	json_kv_text(&w, "text", sentence);
	api_reply_end(&w);
}

/* Fills the reply; `e` may be NULL. */
void api_refuse(struct request *r, int code, const struct err *e)
{
	const char *sentence = e != NULL ? e->text : err_text(code);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		if (refusals[i].code == code) {
			api_refuse_status(r, refusals[i].status, refusals[i].word, sentence);
			r->reply.retry_after = refusals[i].retry_after;
			return;
		}
	}
	api_refuse_status(r, MHD_HTTP_INTERNAL_SERVER_ERROR, "failed", sentence);
}

struct str api_bearer(struct request *r)
{
	struct str value = str_from(mhd()->lookup_connection_value(
		r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION));
	struct str scheme = str_slice(value, 0, 7);
	return str_equal_nocase(scheme, STR("Bearer ")) ? str_trim(str_slice(value, 7, value.n))
													: STR("");
}
