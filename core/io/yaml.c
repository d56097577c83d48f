#include "core/io/yaml.h"

#include "core/base/mem.h"
#include "core/io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { LARGEST = 1 << 20 };

/* What libcyaml says through its log: the first error is the sentence, the first line of its
 * backtrace has the innermost place. */
struct notes {
	char what[256];
	size_t line; /* from 1; 0 if none was told */
};

__attribute__((format(printf, 3, 0))) static void on_log(
	cyaml_log_t level, void *user, const char *format, va_list arguments)
{
	struct notes *n = user;
	char text[512];
	vsnprintf(text, sizeof(text), format, arguments);
	struct str said = str_trim(str_from(text));
	if (str_starts(said, "Load: ")) {
		said = str_slice(said, strlen("Load: "), said.n);
	}
	const char *place = strstr(text, "(line: ");
	if (place != NULL && n->line == 0) {
		n->line = strtoul(place + strlen("(line: "), NULL, 10);
	}
	if (n->what[0] == '\0' && place == NULL && !str_starts(said, "Backtrace")) {
		snprintf(n->what, sizeof(n->what), "%.*s", STR_ARG(said));
	}
}

static void *on_memory(void *user, void *p, size_t size)
{
	if (size == 0) {
		free(p);
		return NULL;
	}
	return mem_resize(p, size, 1);
}

static cyaml_config_t config_with(struct notes *n)
{
	return (cyaml_config_t){
		.log_fn = n != NULL ? on_log : NULL,
		.log_ctx = n,
		.log_level = CYAML_LOG_WARNING,
		.mem_fn = on_memory,
		/* Without aliases a small text stays a small tree. */
		.flags = CYAML_CFG_NO_ALIAS,
	};
}

/* libcyaml notices a key only after it has moved its place on to the value before: finds the line,
 * at or behind that place, where the key stands. */
static size_t line_of_key(struct str text, struct str key, size_t from)
{
	size_t at = 0;
	size_t same = 0;
	for (struct str line; str_split(&text, '\n', &line);) {
		at++;
		struct str rest = str_trim(line);
		while (str_starts(rest, "- ")) {
			rest = str_trim(str_slice(rest, 2, rest.n));
		}
		if (rest.n != 0 && (rest.p[0] == '"' || rest.p[0] == '\'')) {
			rest = str_slice(rest, 1, rest.n);
		}
		if (at < from || rest.n <= key.n || !str_equal(str_slice(rest, 0, key.n), key) ||
			memchr(":\"' \t", rest.p[key.n], 5) == NULL) {
			continue;
		}
		if (at > from) {
			return at;
		}
		same = at;
	}
	return same != 0 ? same : from;
}

/* The place of a syntax error, which libcyaml does not pass on. */
static void syntax_place(struct str text, struct notes *n)
{
	yaml_parser_t parser;
	if (yaml_parser_initialize(&parser) == 0) {
		mem_bug("no memory for a YAML parser");
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
	for (bool more = true; more;) {
		yaml_event_t event;
		if (yaml_parser_parse(&parser, &event) == 0) {
			n->line = parser.problem_mark.line + 1;
			break;
		}
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
}

/* libcyaml stops before a second document and only warns. */
static void second_document(struct str text, struct notes *n)
{
	snprintf(n->what, sizeof(n->what), "a second document, only one is read");
	n->line = 0;
	for (struct str line; str_split(&text, '\n', &line);) {
		n->line++;
		if (n->line > 1 && str_starts(line, "---")) {
			break;
		}
	}
}

static size_t line_of_bad_utf8(struct str text)
{
	size_t at = 0;
	for (struct str line; str_split(&text, '\n', &line);) {
		at++;
		if (!str_is_utf8(line)) {
			break;
		}
	}
	return at;
}

static int refuse(const char *name, const struct notes *n, struct err *e)
{
	return err_set(e, ERR_INVALID, "%s:%zu: %s", name, n->line != 0 ? n->line : 1, n->what);
}

int yaml_parse(struct str text, const char *name, const cyaml_schema_value_t *schema, void **out,
	struct err *e)
{
	*out = NULL;
	if (text.n > LARGEST) {
		return err_set(e, ERR_TOO_LARGE, "%s: larger than %d bytes", name, LARGEST);
	}
	struct notes notes = {0};
	if (!str_is_utf8(text)) {
		notes.line = line_of_bad_utf8(text);
		snprintf(notes.what, sizeof(notes.what), "not UTF-8");
		return refuse(name, &notes, e);
	}
	cyaml_config_t config = config_with(&notes);
	void *data = NULL;
	cyaml_err_t failed = cyaml_load_data(
		(const uint8_t *)(text.n != 0 ? text.p : ""), text.n, &config, schema, &data, NULL);
	if (failed == CYAML_OK && notes.what[0] == '\0' && data != NULL) {
		*out = data;
		return 0;
	}
	if (failed == CYAML_OK && data == NULL) {
		snprintf(notes.what, sizeof(notes.what), "nothing in it");
	}
	yaml_free(schema, data);
	if (notes.what[0] == '\0') {
		snprintf(notes.what, sizeof(notes.what), "%s", cyaml_strerror(failed));
	}
	if (str_starts(str_from(notes.what), "Ignoring documents")) {
		second_document(text, &notes);
	}
	static const char *const key_errors[] = {"Unexpected key: ", "Mapping field already seen: "};
	for (size_t i = 0; i < sizeof(key_errors) / sizeof(key_errors[0]); i++) {
		if (str_starts(str_from(notes.what), key_errors[i])) {
			struct str key = str_from(notes.what + strlen(key_errors[i]));
			notes.line = line_of_key(text, key, notes.line);
		}
	}
	if (failed == CYAML_ERR_LIBYAML_PARSER) {
		syntax_place(text, &notes);
	}
	return refuse(name, &notes, e);
}

int yaml_load(const char *path, const cyaml_schema_value_t *schema, void **out, struct err *e)
{
	*out = NULL;
	struct buf text = {0};
	int code = file_read(path, LARGEST, &text, e);
	if (code == 0) {
		code = yaml_parse(buf_view(&text), path, schema, out, e);
	}
	buf_finish(&text);
	return code;
}

void yaml_free(const cyaml_schema_value_t *schema, void *data)
{
	if (data == NULL) {
		return;
	}
	cyaml_config_t config = config_with(NULL);
	cyaml_free(&config, schema, data, 0);
}
