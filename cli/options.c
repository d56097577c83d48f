#include "cli/options.h"

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/io/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WRONG_USE = 2, HELP_COLUMN = 26 };

int options_wrong(const char *command, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fprintf(stderr, "wheelfarm %s: ", command);
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "; wheelfarm %s --help tells more\n", command);
	va_end(arguments);
	return WRONG_USE;
}

void options_list_add(struct option_list *list, const char *value)
{
	if (list->n == list->capacity) {
		list->capacity = list->capacity != 0 ? list->capacity * 2 : 8;
		list->v = mem_resize(list->v, list->capacity, sizeof(*list->v));
	}
	list->v[list->n++] = value;
}

void options_list_finish(struct option_list *list)
{
	free(list->v);
	*list = (struct option_list){0};
}

void options_finish(const struct options *o)
{
	for (const struct option *row = o->table; row->name != NULL; row++) {
		if (row->kind == OPTION_LIST) {
			options_list_finish(row->out);
		}
	}
}

static void print_help(const struct options *o)
{
	printf("usage: wheelfarm %s %s\n\n%s\n", o->command, o->usage, o->about);
	if (o->table->name != NULL) {
		printf("\n");
	}
	for (const struct option *row = o->table; row->name != NULL; row++) {
		char left[64];
		int n = 0;
		if (row->letter != 0) {
			n = snprintf(left, sizeof(left), "-%c, ", row->letter);
		}
		const char *between = row->value == NULL ? "" : row->kind == OPTION_WORD ? "[=" : " ";
		snprintf(left + n, sizeof(left) - (size_t)n, "--%s%s%s%s", row->name, between,
			row->value != NULL ? row->value : "", row->kind == OPTION_WORD ? "]" : "");
		size_t columns = str_characters(str_from(left));
		printf("  %s%*s %s\n", left, columns < HELP_COLUMN ? (int)(HELP_COLUMN - columns) : 0, "",
			row->help);
	}
	printf("\nexample: %s\n", o->example);
}

static const struct option *find_long(const struct options *o, struct str name)
{
	for (const struct option *row = o->table; row->name != NULL; row++) {
		if (str_is(name, row->name)) {
			return row;
		}
	}
	return NULL;
}

static const struct option *find_letter(const struct options *o, char letter)
{
	for (const struct option *row = o->table; row->name != NULL; row++) {
		if (row->letter != 0 && row->letter == letter) {
			return row;
		}
	}
	return NULL;
}

static int set_value(const struct options *o, const struct option *row, const char *value)
{
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)row->out = true;
		break;
	case OPTION_TEXT:
	case OPTION_WORD:
		*(const char **)row->out = value;
		break;
	case OPTION_LIST:
		options_list_add(row->out, value);
		break;
	case OPTION_COUNT:
	case OPTION_NUMBER:
		if (!str_to_i64(str_from(value), row->out) ||
			*(int64_t *)row->out < (row->kind == OPTION_COUNT)) {
			return options_wrong(o->command, "--%s takes a whole number from %d on, not '%s'",
				row->name, row->kind == OPTION_COUNT, value);
		}
		break;
	}
	return OPTIONS_GO;
}

/* One option at argv[*at]; moves *at onto its value where that is a word of its own. */
static int take_option(const struct options *o, int argc, char **argv, int *at)
{
	const char *word = argv[*at];
	const struct option *row;
	const char *value = NULL;
	if (word[1] == '-') {
		const char *equal = strchr(word, '=');
		struct str name = str_from(word + 2);
		if (equal != NULL) {
			name.n = (size_t)(equal - name.p);
			value = equal + 1;
		}
		row = find_long(o, name);
	} else {
		row = find_letter(o, word[1]);
		value = word[2] != '\0' ? word + 2 : NULL;
	}
	if (row == NULL) {
		return options_wrong(o->command, "no option '%s'", word);
	}
	if (row->kind == OPTION_FLAG) {
		if (value != NULL) {
			return options_wrong(o->command, "--%s takes no value", row->name);
		}
		return set_value(o, row, NULL);
	}
	if (value == NULL && row->kind == OPTION_WORD) {
		value = "";
	}
	if (value == NULL) {
		if (*at + 1 >= argc) {
			return options_wrong(o->command, "--%s needs its %s", row->name, row->value);
		}
		value = argv[++*at];
	}
	return set_value(o, row, value);
}

int options_parse(const struct options *o, int argc, char **argv, struct option_list *words)
{
	*words = (struct option_list){0};
	bool only_words = false;
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		if (only_words || word[0] != '-' || word[1] == '\0') {
			options_list_add(words, word);
		} else if (strcmp(word, "--") == 0) {
			only_words = true;
		} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			print_help(o);
			return 0;
		} else {
			int code = take_option(o, argc, argv, &i);
			if (code != OPTIONS_GO) {
				return code;
			}
		}
	}
	if (words->n < o->words_min) {
		return options_wrong(o->command, "too little is given (%s)", o->usage);
	}
	if (words->n > o->words_max) {
		return options_wrong(o->command, "'%s' is too much", words->v[o->words_max]);
	}
	return OPTIONS_GO;
}

char *options_default_db(bool make)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	char *folder = state != NULL && state[0] == '/'
		? str_format("%s/wheelfarm", state)
		: str_format("%s/.local/state/wheelfarm", home != NULL ? home : "");
	if (make) {
		file_make_folders(folder, NULL); /* opening the database says what is wrong */
	}
	char *db = file_join(folder, "facts.db");
	free(folder);
	return db;
}
