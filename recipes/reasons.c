#include "recipes/reasons.h"

#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/io/yaml.h"
#include "recipes/data.h"
#include "recipes/tree.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdlib.h>
#include <string.h>

/* As the file has it. */
struct reason_entry {
	char *code;
	char *stage;
	char *pattern;
	char *example;
	char *counter;
};
struct reason_file {
	int schema;
	struct reason_entry *rules;
	unsigned rules_count;
};

#define TEXT(key, member) \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER, struct reason_entry, member, 1, 1000)
static const cyaml_schema_field_t entry_fields[] = {
	TEXT("code", code),
	TEXT("stage", stage),
	TEXT("pattern", pattern),
	TEXT("example", example),
	TEXT("counter", counter),
	CYAML_FIELD_END,
};
#undef TEXT
static const cyaml_schema_value_t entry_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct reason_entry, entry_fields)};
static const cyaml_schema_field_t file_fields[] = {
	CYAML_FIELD_INT("schema", CYAML_FLAG_DEFAULT, struct reason_file, schema),
	CYAML_FIELD_SEQUENCE(
		"rules", CYAML_FLAG_POINTER, struct reason_file, rules, &entry_schema, 0, CYAML_UNLIMITED),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t file_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct reason_file, file_fields)};

struct reason_rules {
	struct arena arena;
	struct reason_rule *v;
	pcre2_code **codes; /* beside v */
	size_t n;
	char object[TREE_OBJECT];
	pcre2_match_context *context;
	pcre2_match_data *match;
};

/* A log is written by whoever wrote the package: a match may not cost more than this. */
enum { MATCH_LIMIT = 20000, DEPTH_LIMIT = 1000, LINE_LIMIT = 4096 };

/* Line of the entry's pattern: the n-th "code:" of the file. */
static int line_of_entry(struct str text, unsigned index)
{
	int number = 0;
	unsigned seen = 0;
	struct str rest = text, line;
	while (str_split(&rest, '\n', &line)) {
		number++;
		line = str_trim(line);
		if (str_starts(line, "- code:") || str_starts(line, "code:") ||
			str_starts(line, "- {code:")) {
			if (seen++ == index) {
				return number;
			}
		}
	}
	return 1;
}

static int compile(struct reason_rules *r, size_t index, const char *name, struct err *e)
{
	struct reason_rule *rule = &r->v[index];
	int number;
	PCRE2_SIZE offset;
	r->codes[index] = pcre2_compile((PCRE2_SPTR)rule->pattern, PCRE2_ZERO_TERMINATED,
		PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C, &number, &offset, NULL);
	if (r->codes[index] == NULL) {
		PCRE2_UCHAR why[160];
		pcre2_get_error_message(number, why, sizeof(why));
		return data_error(
			e, name, rule->line, "pattern, byte %zu: %s", (size_t)offset, (const char *)why);
	}
	/* where there is no JIT the interpreter matches the same, slower */
	(void)pcre2_jit_compile(r->codes[index], PCRE2_JIT_COMPLETE);
	if (!reason_rule_matches(r, index, str_from(rule->example))) {
		return data_error(e, name, rule->line, "the pattern does not match its example");
	}
	if (reason_rule_matches(r, index, str_from(rule->counter))) {
		return data_error(e, name, rule->line, "the pattern matches its counter-example");
	}
	return 0;
}

static int add_rule(struct reason_rules *r, const struct reason_entry *entry, int line,
	const char *name, struct err *e)
{
	struct reason_rule *rule = &r->v[r->n];
	rule->line = line;
	if (!reason_find(str_from(entry->code), &rule->code)) {
		return data_error(e, name, line, "no reason has the code \"%s\"", entry->code);
	}
	rule->any_stage = strcmp(entry->stage, "any") == 0;
	if (!rule->any_stage && !stage_find(str_from(entry->stage), &rule->stage)) {
		return data_error(e, name, line, "no stage is called \"%s\" (or any)", entry->stage);
	}
	rule->pattern = data_text(&r->arena, entry->pattern);
	rule->example = data_text(&r->arena, entry->example);
	rule->counter = data_text(&r->arena, entry->counter);
	r->n++;
	return compile(r, r->n - 1, name, e);
}

struct reason_rules *reason_rules_parse(struct str yaml, const char *name, struct err *e)
{
	struct reason_file *f = NULL;
	struct reason_rules *r = NULL;
	int code = yaml_parse(yaml, name, &file_schema, (void **)&f, e);
	if (code != 0) {
		return NULL;
	}
	if (f->schema != 1) {
		code = data_error(
			e, name, data_line(yaml, "schema", NULL), "schema %d is not known here", f->schema);
		goto out;
	}
	r = MEM_NEW(struct reason_rules);
	tree_object_of(yaml, r->object);
	r->v = arena_new(&r->arena, (f->rules_count + 1) * sizeof(*r->v));
	r->codes = arena_new(&r->arena, (f->rules_count + 1) * sizeof(*r->codes));
	r->context = pcre2_match_context_create(NULL);
	r->match = pcre2_match_data_create(1, NULL);
	if (r->context == NULL || r->match == NULL) {
		mem_bug("no memory for a match");
	}
	pcre2_set_match_limit(r->context, MATCH_LIMIT);
	pcre2_set_depth_limit(r->context, DEPTH_LIMIT);
	for (unsigned i = 0; code == 0 && i < f->rules_count; i++) {
		code = add_rule(r, &f->rules[i], line_of_entry(yaml, i), name, e);
	}
out:
	yaml_free(&file_schema, f);
	if (code != 0) {
		reason_rules_destroy(r);
		return NULL;
	}
	return r;
}

struct reason_rules *reason_rules_load(const char *folder, struct err *e)
{
	char *path = file_join(folder, "reasons.yaml");
	struct buf text = {0};
	struct reason_rules *r = NULL;
	if (data_read(path, &text, e) == 0) {
		r = reason_rules_parse(buf_view(&text), path, e);
	}
	buf_finish(&text);
	free(path);
	return r;
}

void reason_rules_destroy(struct reason_rules *r)
{
	if (r == NULL) {
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		pcre2_code_free(r->codes[i]);
	}
	pcre2_match_data_free(r->match);
	pcre2_match_context_free(r->context);
	arena_finish(&r->arena);
	free(r);
}

const char *reason_rules_object(const struct reason_rules *r)
{
	return r->object;
}

size_t reason_rules_count(const struct reason_rules *r)
{
	return r->n;
}

const struct reason_rule *reason_rules_at(const struct reason_rules *r, size_t index)
{
	return &r->v[index];
}

bool reason_rule_matches(const struct reason_rules *r, size_t index, struct str line)
{
	if (line.n > LINE_LIMIT) {
		line.n = LINE_LIMIT; /* what a rule looks for is never that far in */
	}
	/* any negative answer, a limit reached included, is no match */
	return pcre2_match(r->codes[index], (PCRE2_SPTR)(line.n != 0 ? line.p : ""), line.n, 0,
			   PCRE2_NOTEMPTY, r->match, r->context) >= 0;
}

bool reason_rule_is_for(const struct reason_rules *r, size_t index, enum stage stage)
{
	const struct reason_rule *rule = &r->v[index];
	return rule->any_stage || rule->stage == stage ||
		(rule->stage == STAGE_BUILD && stage == STAGE_PREPARE);
}

ptrdiff_t reason_rules_find(const struct reason_rules *r, enum stage stage, struct str line)
{
	for (size_t i = 0; i < r->n; i++) {
		if (reason_rule_is_for(r, i, stage) && reason_rule_matches(r, i, line)) {
			return (ptrdiff_t)i;
		}
	}
	return -1;
}
