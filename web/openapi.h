/* The description of everything the server answers to (OpenAPI 3.1), from the table of routes: what is
 * not in the table is not described, and what is in it is. */
#pragma once

#include "core/io/json.h"
#include "web/request.h"

/* What the description says of parameters and the pages hold to: characters of what a name is searched
 * by and of what a log is, the last line or byte of a log, packages left out at the beginning. */
enum {
	OPENAPI_SEARCH_LENGTH = 200,
	OPENAPI_FIND_LENGTH = 200,
	OPENAPI_LOG_MOST = INT32_MAX,
	OPENAPI_OFFSET_MOST = 10000000,
};

void openapi_write(struct json_writer *w);
void page_openapi(struct request *r);
