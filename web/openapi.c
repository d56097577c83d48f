#include "web/openapi.h"

#include "coordinator/store/headline.h"
#include "core/farm_protocol/reason.h"
#include "web/routes.h"
#include "web/server_parts.h"

#include <string.h>

#define NO_ZERO "^[^\\u0000]*$"
#define NIGHT_PATTERN "^([0-9]{1,18}|[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])|last|)$"

/* What a parameter may be. A word that a query names and no row describes is our bug. */
struct parameter {
	const char *name;
	const char *text;
	const char *type; /* of JSON Schema */
	const char *pattern; /* NULL: any */
	void (*values)(struct json_writer *w); /* NULL: not a choice of words */
	int64_t least, most; /* of a number */
	int64_t most_length; /* of a text; 0: no limit but the address's */
};

static void headlines(struct json_writer *w)
{
	json_text(w, "");
	json_text(w, "not-ready");
	for (int i = 0; i < HEADLINE_COUNT; i++) {
		json_text(w, headline_word((enum headline)i));
	}
}

static void reasons(struct json_writer *w)
{
	json_text(w, "");
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		json_text(w, reason_code((enum reason)i));
	}
}

static void owners(struct json_writer *w)
{
	json_text(w, "");
	for (int i = REASON_PACKAGE; i <= REASON_NOBODY; i++) {
		json_text(w, reason_owner_name((enum reason_owner)i));
	}
}

static void sorts(struct json_writer *w)
{
	json_text(w, "");
	json_text(w, "rank");
	json_text(w, "name");
}

static const struct parameter parameters[] = {
	{"target", "A target's whole name, as cp313-win_arm64", "string"},
	{"state", "A headline, or all but ready and not applicable", "string", .values = headlines},
	{"reason", "Why a build for the target failed", "string", .values = reasons},
	{"owner", "Whose that reason is", "string", .values = owners},
	{"q", "A part of a package's name", "string", .most_length = OPENAPI_SEARCH_LENGTH},
	{"sort", "The order", "string", .values = sorts},
	{"offset", "So many are left out at the beginning", "integer", .most = OPENAPI_OFFSET_MOST},
	{"since", "A night: its number, a date as 2026-11-22, or last", "string", NIGHT_PATTERN},
	{"until", "The same", "string", NIGHT_PATTERN},
	{"find", "Lines of the log that have this are listed", "string",
		.most_length = OPENAPI_FIND_LENGTH},
	{"from", "From here on: a line (0 and 1 are the first), or for events a byte", "integer",
		.most = OPENAPI_LOG_MOST},
	{"most", "At most so many", "integer", .least = 1, .most = 1000},
	{"to", "To this line; 0: to the last", "integer", .most = OPENAPI_LOG_MOST},
};

static const struct parameter *find_parameter(struct str name)
{
	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++) {
		if (str_is(name, parameters[i].name)) {
			return &parameters[i];
		}
	}
	mem_bug("web: a route's query names no parameter");
}

static void schema(struct json_writer *w, const struct parameter *p)
{
	json_key(w, "schema");
	json_object_begin(w);
	json_kv_text(w, "type", p->type);
	if (strcmp(p->type, "integer") == 0) {
		json_kv_int(w, "minimum", p->least);
		json_kv_int(w, "maximum", p->most);
	}
	if (p->pattern != NULL) {
		json_kv_text(w, "pattern", p->pattern);
	} else if (strcmp(p->type, "string") == 0 && p->values == NULL) {
		json_kv_text(w, "pattern", NO_ZERO);
	}
	if (p->most_length != 0) {
		json_kv_int(w, "maxLength", p->most_length);
	}
	if (p->values != NULL) {
		json_key(w, "enum");
		json_array_begin(w);
		p->values(w);
		json_array_end(w);
	}
	json_object_end(w);
}

/* What the {} of a pattern are called: "name" behind /package/, and so on. */
static const struct hole {
	const char *before; /* the pattern up to it */
	const char *name;
	const char *type;
} holes[] = {
	{"/package/", "name", "string"}, {"/badge/{}/", "target", "string"},
	{"/badge/", "name", "string"}, {"/job/", "job", "integer"}, {"/feed/", "target", "string"},
	{"/assets/", "file", "string"}, {"", "id", "string"}, /* of the API */
};

static const struct hole *find_hole(struct str before)
{
	for (size_t i = 0; i < sizeof(holes) / sizeof(*holes) - 1; i++) {
		if (str_is(before, holes[i].before)) {
			return &holes[i];
		}
	}
	return &holes[sizeof(holes) / sizeof(*holes) - 1];
}

static void add_path(struct buf *out, const struct route *r, enum route_form form)
{
	const char *at = r->pattern;
	for (const char *hole; (hole = strstr(at, "{}")) != NULL; at = hole + 2) {
		const struct hole *h =
			find_hole(str_slice(str_from(r->pattern), 0, (size_t)(hole - r->pattern)));
		buf_add(out, at, (size_t)(hole - at));
		buf_printf(out, "{%s}", h->name);
	}
	buf_add_text(out, at);
	buf_add_text(out, route_ending(form));
}

static void path_parameters(struct json_writer *w, const struct route *r)
{
	for (const char *hole = strstr(r->pattern, "{}"); hole != NULL; hole = strstr(hole + 2, "{}")) {
		const struct hole *h =
			find_hole(str_slice(str_from(r->pattern), 0, (size_t)(hole - r->pattern)));
		json_object_begin(w);
		json_kv_text(w, "name", h->name);
		json_kv_text(w, "in", "path");
		json_kv_bool(w, "required", true);
		json_key(w, "schema");
		json_object_begin(w);
		json_kv_text(w, "type", h->type);
		json_object_end(w);
		json_object_end(w);
	}
}

static void query_parameters(struct json_writer *w, const struct route *r)
{
	struct str rest = str_from(r->query);
	struct str name;
	while (str_split(&rest, ' ', &name)) {
		const struct parameter *p = find_parameter(name);
		json_object_begin(w);
		json_kv_text(w, "name", p->name);
		json_kv_text(w, "in", "query");
		json_kv_text(w, "description", p->text);
		schema(w, p);
		json_object_end(w);
	}
}

static void answer(struct json_writer *w, const char *status, const char *text, const char *type)
{
	json_key(w, status);
	json_object_begin(w);
	json_kv_text(w, "description", text);
	if (type != NULL) {
		struct str plain;
		struct str rest = str_from(type);
		struct buf name = {0};
		str_split(&rest, ';', &plain);
		buf_add_str(&name, plain);
		json_key(w, "content");
		json_object_begin(w);
		json_key(w, name.p);
		json_object_begin(w);
		json_object_end(w);
		json_object_end(w);
		buf_finish(&name);
	}
	json_object_end(w);
}

static const char *error_type(enum route_form form)
{
	return form == ROUTE_HTML                      ? "text/html"
		: form == ROUTE_JSON || form == ROUTE_DATA ? "application/json"
												   : "text/plain";
}

static void operation(
	struct json_writer *w, const struct route *r, enum route_form form, const char *method)
{
	/* Style sheets, scripts and the icon are each of its own type. */
	bool any = strstr(r->pattern, "/assets/") != NULL || strstr(r->pattern, "icon") != NULL;
	const char *errors = error_type(form);
	json_key(w, method);
	json_object_begin(w);
	json_kv_text(w, "summary", r->summary);
	json_key(w, "parameters");
	json_array_begin(w);
	path_parameters(w, r);
	query_parameters(w, r);
	json_array_end(w);
	if (r->access != ROUTE_PUBLIC) {
		json_key(w, "security");
		json_array_begin(w);
		json_object_begin(w);
		json_key(w, r->access == ROUTE_AGENT ? "agent" : "admin");
		json_array_begin(w);
		json_array_end(w);
		json_object_end(w);
		json_array_end(w);
	}
	json_key(w, "responses");
	json_object_begin(w);
	answer(w, "200", "The facts", any ? NULL : route_type(form));
	answer(w, "301", "The same under its normalised name", NULL);
	answer(w, "304", "As the client has it", NULL);
	answer(w, "4XX", "A sentence says what is wrong", errors);
	answer(w, "5XX", "Something failed on the farm's side, or is not there", errors);
	json_object_end(w);
	json_object_end(w);
}

static void methods(struct json_writer *w, const struct route *r, enum route_form form)
{
	static const struct {
		unsigned method;
		const char *name;
	} names[] = {{ROUTE_GET, "get"}, {ROUTE_POST, "post"}, {ROUTE_PUT, "put"}};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if ((r->methods & names[i].method) != 0) {
			operation(w, r, form, names[i].name);
		}
	}
}

/* Routes that differ in their method alone share a path: the first of them writes all. */
static bool is_first(size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(routes[k].pattern, routes[i].pattern) == 0) {
			return false;
		}
	}
	return true;
}

static void path(struct json_writer *w, size_t i, enum route_form form)
{
	struct buf name = {0};
	add_path(&name, &routes[i], form);
	json_key(w, name.p);
	buf_finish(&name);
	json_object_begin(w);
	for (size_t k = i; k < route_count; k++) {
		if (strcmp(routes[k].pattern, routes[i].pattern) == 0) {
			methods(w, &routes[k], form);
		}
	}
	json_object_end(w);
}

static void scheme(struct json_writer *w, const char *name, const char *text)
{
	json_key(w, name);
	json_object_begin(w);
	json_kv_text(w, "type", "http");
	json_kv_text(w, "scheme", "bearer");
	json_kv_text(w, "description", text);
	json_object_end(w);
}

void openapi_write(struct json_writer *w)
{
	json_object_begin(w);
	json_kv_text(w, "openapi", "3.1.0");
	json_key(w, "info");
	json_object_begin(w);
	json_kv_text(w, "title", "wheelfarm");
	json_kv_text(w, "summary", "For every package: does it work on ARM");
	json_kv_text(w, "version", WHEELFARM_VERSION);
	json_object_end(w);
	json_key(w, "paths");
	json_object_begin(w);
	for (size_t i = 0; i < route_count; i++) {
		for (unsigned form = 1; is_first(i) && form <= ROUTE_DATA; form <<= 1) {
			if ((routes[i].forms & form) != 0) {
				path(w, i, (enum route_form)form);
			}
		}
	}
	json_object_end(w);
	json_key(w, "components");
	json_object_begin(w);
	json_key(w, "securitySchemes");
	json_object_begin(w);
	scheme(w, "agent", "The token that an agent got when it was added");
	scheme(w, "admin", "An administrator's token");
	json_object_end(w);
	json_object_end(w);
	json_object_end(w);
}

void page_openapi(struct request *r)
{
	struct json_writer w;
	r->reply.type = route_type(ROUTE_JSON);
	json_writer_init(&w, &r->reply.body, true);
	openapi_write(&w);
	json_writer_finish(&w);
	reply_pack(&r->reply, r->if_none_match, r->accepts_gzip);
	request_reply(r);
}
