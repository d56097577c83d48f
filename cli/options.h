/* Command line options by table, the same rules in every command: `--name value`, `--name=value`,
 * `-x value`, `--` ends the options, options and words may be mixed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
	OPTION_FLAG, /* bool * */
	OPTION_TEXT, /* const char **, a view onto argv; the last one given wins */
	OPTION_WORD, /* const char **; a value only as --name=value, "" without one */
	OPTION_LIST, /* struct option_list *; each use adds one; freed by options_finish */
	OPTION_COUNT, /* int64_t *, a whole number from 1 on */
	OPTION_NUMBER, /* int64_t *, a whole number from 0 on */
};

struct option_list {
	const char **v;
	size_t n;
	size_t capacity;
};

struct option {
	const char *name; /* without dashes; NULL ends a table */
	char letter; /* 0: none */
	enum option_kind kind;
	void *out;
	const char *value; /* how help calls the value, "FILE"; NULL for flags */
	const char *help;
};

struct options {
	const char *command; /* "scan", for messages */
	const char *usage; /* "[NAME…] [OPTION…]": what stands behind "usage: wheelfarm scan " */
	const char *about; /* one or two lines */
	const char *example; /* one line */
	const struct option *table;
	size_t words_min; /* how many words (not options) there must be */
	size_t words_max; /* SIZE_MAX: any number */
};

/* Reads argv[1 …]. The words are collected in *words (freed by the caller with options_list_finish).
 * Returns OPTIONS_GO; or the exit code the command has to return now: 0 after --help (printed on
 * stdout), 2 after wrong use (one line on stderr). */
enum { OPTIONS_GO = -1 };
int options_parse(const struct options *o, int argc, char **argv, struct option_list *words);
void options_list_add(struct option_list *list, const char *value);
void options_list_finish(struct option_list *list);
/* Frees the lists of the table. */
void options_finish(const struct options *o);

/* "wheelfarm COMMAND: sentence" on stderr; returns 2. For checks that a table cannot make. */
int options_wrong(const char *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The database if --db is not given: $XDG_STATE_HOME/wheelfarm/facts.db, by default below
 * ~/.local/state. Its folder is made if `make`. The caller frees; never NULL. */
char *options_default_db(bool make);
