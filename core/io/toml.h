/* TOML texts (TOML 1.0) as a tree with the line of each value. Nothing outside of toml.c and
 * toml_walk.cpp knows which library reads them. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"

enum {
	TOML_BYTES_MOST = 16 << 20,
	/* What a text of lock files never comes near, and what keeps a hostile one cheap: values in all,
	 * `[headers]`, keys with dots, parts of one such key, arrays and inline tables in each other. */
	TOML_VALUES_MOST = 2 * 1000 * 1000,
	TOML_HEADERS_MOST = 100 * 1000,
	TOML_DOTTED_MOST = 100 * 1000,
	TOML_KEY_PARTS = 32,
	TOML_DEPTH = 64,
};

enum toml_kind {
	TOML_TEXT,
	TOML_NUMBER,
	TOML_BOOL,
	TOML_TIME,
	TOML_ARRAY,
	TOML_TABLE,
};

struct toml_node {
	enum toml_kind kind;
	size_t line; /* where it begins, from 1 on; of a table its header's */
	struct str key; /* where the parent is a table */
	struct str text; /* of TOML_TEXT; UTF-8, any character may be in it */
	/* An integer; 1 of true; of a time with an offset milliseconds since 1970, UTC. Else 0. */
	int64_t number;
	struct toml_node *first; /* children, as they stand in the text */
	struct toml_node *next;
	size_t count;
};

/* Parses `text`; all of the tree lives in `arena`, and `text` may go. `name` stands for the file in
 * errors, which read "NAME:LINE: what": ERR_INVALID; ERR_TOO_LARGE over a limit above. */
int toml_parse(
	struct str text, const char *name, struct arena *arena, struct toml_node **out, struct err *e);

/* The member of that key; NULL if there is none, or if `table` is NULL or no table. */
const struct toml_node *toml_get(const struct toml_node *table, const char *key);
/* The same if it is a text, else an empty view. */
struct str toml_get_text(const struct toml_node *table, const char *key);
/* The same if it is of that kind, else NULL. */
const struct toml_node *toml_get_kind(
	const struct toml_node *table, const char *key, enum toml_kind kind);

/* Children of a table or an array; of NULL none. */
#define TOML_EACH(item, node)                                                                \
	for (const struct toml_node *item = (node) != NULL ? (node)->first : NULL; item != NULL; \
		 item = item->next)
