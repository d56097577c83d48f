/* The table of what the server answers to. */
#pragma once

#include "web/request.h"

enum route_method {
	ROUTE_GET = 1, /* HEAD too */
	ROUTE_POST = 2,
	ROUTE_PUT = 4,
};

enum route_form { /* of the answer, errors included */
	ROUTE_HTML,
	ROUTE_JSON,
	ROUTE_TEXT,
	ROUTE_EVENTS,
};

enum route_access {
	ROUTE_PUBLIC,
	ROUTE_AGENT, /* needs an agent's token */
	ROUTE_ADMIN, /* needs an administrator's */
};

struct route {
	unsigned methods;
	const char *pattern; /* one {} stands for one segment, or for its part before a literal end */
	enum route_form form;
	enum route_access access;
	size_t body_limit; /* bytes; 0: none */
	void (*handle)(struct request *r); /* on the loop */
};

/* The route of a path and what its {} is (a view onto path). NULL if no pattern fits. If patterns
 * fit but none has the method, *allow lists theirs ("GET, HEAD") and NULL is returned. */
const struct route *route_find(
	const char *method, struct str path, struct str *argument, const char **allow);

extern const struct route routes[];
extern const size_t route_count;

/* Content type of a form. */
const char *route_type(enum route_form form);
