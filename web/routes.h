/* The table of what the server answers to. */
#pragma once

#include "web/request.h"

enum route_method {
	ROUTE_GET = 1, /* HEAD too */
	ROUTE_POST = 2,
	ROUTE_PUT = 4,
};

/* Of the answer, errors included. The same facts stand at the same address with another ending. */
enum route_form {
	ROUTE_HTML = 1, /* no ending; all the others below have one, but for TEXT and EVENTS */
	ROUTE_JSON = 2,
	ROUTE_CSV = 4,
	ROUTE_ATOM = 8,
	ROUTE_SVG = 16,
	ROUTE_XML = 32,
	ROUTE_TEXT = 64,
	ROUTE_EVENTS = 128,
	ROUTE_DATA = 256, /* JSON without an ending */
};

enum route_access {
	ROUTE_PUBLIC,
	ROUTE_AGENT, /* needs an agent's token */
	ROUTE_ADMIN, /* needs an administrator's */
};

struct route {
	unsigned methods;
	const char *pattern; /* each {} stands for one segment; at most two */
	unsigned forms; /* of enum route_form; the endings are not part of the pattern */
	enum route_access access;
	size_t body_limit; /* bytes; 0: none */
	void (*handle)(struct request *r); /* on the loop; NULL: `read` */
	/* On a worker with a lent connection (page_render.h). */
	int (*read)(struct request *r, struct store *s, struct err *e);
	const char *summary; /* one line, for the description of the API */
	const char *query; /* names of its parameters (openapi.c), a space between; NULL: none */
};

/* A route that fits a path. */
struct route_match {
	const struct route *route; /* NULL: none */
	enum route_form form;
	struct str arguments[2]; /* views onto the path, "" where the pattern has no more {} */
	const char *allow; /* patterns fit but none has the method: theirs ("GET, HEAD"); else NULL */
};
struct route_match route_find(const char *method, struct str path);

extern const struct route routes[];
extern const size_t route_count;

/* Content type of a form, and its ending (".json", "" if it has none). */
const char *route_type(enum route_form form);
const char *route_ending(enum route_form form);
