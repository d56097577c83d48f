/* What the two APIs, of agents and of administrators, have in common: JSON answers, refusals with a
 * word for programs, and the token of a request. */
#pragma once

#include "core/io/json.h"
#include "web/request.h"

/* An answer that is one JSON object; between the two calls members are written to *w. */
void api_reply_begin(struct request *r, int status, struct json_writer *w);
void api_reply_end(struct json_writer *w);

/* Fill the reply: {"status", "error": word, "text": sentence}. The caller sends it. */
void api_refuse_status(struct request *r, int status, const char *word, const char *sentence);
/* The same for an error of queue or store; `e` may be NULL. */
void api_refuse(struct request *r, int code, const struct err *e);

/* The token of "Authorization: Bearer …" (RFC 6750, section 2.1), empty if there is none; valid as
 * long as the request. */
struct str api_bearer(struct request *r);
