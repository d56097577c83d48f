#include "core/io/toml.h"

#include "core/io/toml_walk.h"

#include <stdlib.h>
#include <string.h>

/* --- what it costs, before anybody pays --- */

/* A look over the text that knows strings and comments, and counts. Where the text is no TOML it may
 * count wrongly: the library stops there. */
struct census {
	struct str text;
	size_t at;
	size_t line;
	size_t values, headers, dotted;
	size_t key_parts; /* of the key under way */
	bool line_began; /* nothing but space stands on the line before `at` */
};

static bool starts_at(const struct census *c, const char *what)
{
	return str_starts(str_slice(c->text, c->at, c->text.n), what);
}

/* Behind the string that begins at c->at; its quote three times: over many lines. */
static void skip_string(struct census *c)
{
	char quote = c->text.p[c->at];
	const char triple[4] = {quote, quote, quote};
	bool many = starts_at(c, triple);
	c->at += many ? 3 : 1;
	while (c->at < c->text.n) {
		char now = c->text.p[c->at];
		if (now == '\n') {
			if (!many) {
				return;
			}
			c->line++;
		} else if (now == '\\' && quote == '"') {
			c->at++;
			c->line += c->at < c->text.n && c->text.p[c->at] == '\n';
		} else if (now == quote && (!many || starts_at(c, triple))) {
			c->at += many ? 3 : 1;
			/* A quote more may stand before the closing three. */
			while (many && c->at < c->text.n && c->text.p[c->at] == quote) {
				c->at++;
			}
			return;
		}
		c->at++;
	}
}

static void skip_comment(struct census *c)
{
	while (c->at < c->text.n && c->text.p[c->at] != '\n') {
		c->at++;
	}
}

/* One byte, or one string or comment. */
static void count_next(struct census *c)
{
	char now = c->text.p[c->at];
	if (now == '"' || now == '\'') {
		skip_string(c);
		c->line_began = false;
		return;
	}
	if (now == '#') {
		skip_comment(c);
		return;
	}
	switch (now) {
	case '\n':
		c->line++;
		c->line_began = true;
		c->key_parts = 0;
		break;
	case '.':
		c->dotted += c->key_parts == 0;
		c->key_parts++;
		break;
	case '[':
		c->headers += c->line_began;
		c->values++;
		c->key_parts = 0;
		break;
	case '{':
	case ',':
	case '=':
		c->values++;
		c->key_parts = 0;
		break;
	default:
		break;
	}
	c->line_began = now == '\n' || (c->line_began && (now == ' ' || now == '\t'));
	c->at++;
}

static int count(struct str text, const char *name, struct err *e)
{
	struct census c = {.text = text, .line = 1, .line_began = true};
	while (c.at < text.n) {
		const char *what = NULL;
		count_next(&c);
		if (c.key_parts >= TOML_KEY_PARTS) {
			what = "a key of more parts than anybody needs";
		} else if (c.values > TOML_VALUES_MOST) {
			what = "more values than are read";
		} else if (c.headers > TOML_HEADERS_MOST) {
			what = "more tables than are read";
		} else if (c.dotted > TOML_DOTTED_MOST) {
			what = "more dotted keys than are read";
		}
		if (what != NULL) {
			return err_set(e, ERR_TOO_LARGE, "%s:%zu: %s", name, c.line, what);
		}
	}
	return 0;
}

/* --- the tree --- */

struct growing {
	struct arena *arena;
	struct toml_node *root;
	struct {
		struct toml_node *node;
		struct toml_node **end; /* where its next child goes */
	} open[TOML_DEPTH * (TOML_KEY_PARTS + 1) + 2 * TOML_KEY_PARTS];
	size_t depth;
	bool too_deep;
};

static struct str keep(struct growing *g, const char *p, size_t n)
{
	return n != 0 ? (struct str){arena_copy(g->arena, p, n), n} : (struct str){0};
}

static void on_open(void *user, const struct toml_walk_value *v)
{
	struct growing *g = user;
	if (g->depth == sizeof(g->open) / sizeof(*g->open)) {
		mem_bug("a TOML tree deeper than its parser allows");
	}
	struct toml_node *made = arena_new(g->arena, sizeof(*made));
	*made = (struct toml_node){.kind = (enum toml_kind)v->kind,
		.line = v->line,
		.key = keep(g, v->key, v->key_length),
		.text = keep(g, v->text, v->text_length),
		.number = v->number};
	if (g->depth == 0) {
		g->root = made;
	} else {
		*g->open[g->depth - 1].end = made;
		g->open[g->depth - 1].end = &made->next;
		g->open[g->depth - 1].node->count++;
	}
	g->open[g->depth].node = made;
	g->open[g->depth].end = &made->first;
	g->depth++;
}

static void on_close(void *user)
{
	struct growing *g = user;
	g->depth--;
}

static int refuse(const char *name, const struct toml_walk_problem *problem, struct err *e)
{
	char what[sizeof(problem->what)];
	size_t n = 0;
	/* The library repeats what it saw. */
	for (; problem->what[n] != '\0'; n++) {
		unsigned char now = (unsigned char)problem->what[n];
		what[n] = now < ' ' || now >= 0x7f ? '?' : (char)now;
	}
	what[n] = '\0';
	return err_set(e, ERR_INVALID, "%s:%u: TOML: %s", name, problem->line, what);
}

static int check_utf8(struct str text, const char *name, struct err *e)
{
	size_t at = 0;
	for (struct str line; str_split(&text, '\n', &line);) {
		at++;
		if (!str_is_utf8(line)) {
			return err_set(e, ERR_INVALID, "%s:%zu: bytes that are not UTF-8", name, at);
		}
	}
	return 0;
}

int toml_parse(
	struct str text, const char *name, struct arena *arena, struct toml_node **out, struct err *e)
{
	*out = NULL;
	if (text.n > TOML_BYTES_MOST) {
		return err_set(e, ERR_TOO_LARGE, "%s: larger than %d bytes", name, TOML_BYTES_MOST);
	}
	int code = check_utf8(text, name, e);
	if (code == 0) {
		code = count(text, name, e);
	}
	if (code != 0) {
		return code;
	}
	struct growing *g = MEM_NEW(struct growing);
	struct toml_walk_problem problem;
	const struct toml_walk_sink sink = {.open = on_open, .close = on_close, .user = g};
	g->arena = arena;
	if (toml_walk(text.n != 0 ? text.p : "", text.n, &sink, &problem) != 0) {
		code = refuse(name, &problem, e);
	}
	*out = g->root;
	free(g);
	return code;
}

const struct toml_node *toml_get(const struct toml_node *table, const char *key)
{
	if (table != NULL && table->kind == TOML_TABLE) {
		TOML_EACH(item, table)
		{
			if (str_is(item->key, key)) {
				return item;
			}
		}
	}
	return NULL;
}

struct str toml_get_text(const struct toml_node *table, const char *key)
{
	const struct toml_node *found = toml_get_kind(table, key, TOML_TEXT);
	return found != NULL ? found->text : (struct str){0};
}

const struct toml_node *toml_get_kind(
	const struct toml_node *table, const char *key, enum toml_kind kind)
{
	const struct toml_node *found = toml_get(table, key);
	return found != NULL && found->kind == kind ? found : NULL;
}
