/* The description of everything the server answers to (OpenAPI 3.1), from the table of routes: what is
 * not in the table is not described, and what is in it is. */
#pragma once

#include "core/io/json.h"
#include "web/request.h"

/* Characters of what a name is searched by, at most. */
enum { OPENAPI_SEARCH_LENGTH = 200 };

void openapi_write(struct json_writer *w);
void page_openapi(struct request *r);
