#include "core/pep/marker.h"

#include "core/pep/ascii.h"
#include "core/pep/name.h"
#include "core/pep/quoted.h"
#include "core/pep/specifier.h"

#include <string.h>

static const struct str names[MARKER_VARIABLE_COUNT] = {
#define MARKER_NAME(name, text) [MARKER_##name] = {(text), sizeof(text) - 1},
	MARKER_VARIABLES(MARKER_NAME)
#undef MARKER_NAME
};

int marker_variable_find(struct str name)
{
	for (int i = 0; i < MARKER_VARIABLE_COUNT; i++) {
		if (name.n == names[i].n && memcmp(name.p, names[i].p, name.n) == 0) {
			return i;
		}
	}
	return -1;
}

/* The grammar's other words for a variable; two have no value in the context of metadata. */
static const struct {
	const char *spelling;
	const char *name;
} aliases[] = {
	{"os.name", "os_name"},
	{"sys.platform", "sys_platform"},
	{"platform.version", "platform_version"},
	{"platform.machine", "platform_machine"},
	{"platform.python_implementation", "platform_python_implementation"},
	{"python_implementation", "platform_python_implementation"},
	{"extras", "extras"},
	{"dependency_groups", "dependency_groups"},
};

enum operator{
	OP_IN,
	OP_NOT_IN,
	OP_ARBITRARY,
	OP_EQUAL,
	OP_COMPATIBLE,
	OP_NOT_EQUAL,
	OP_LESS_EQUAL,
	OP_GREATER_EQUAL,
	OP_LESS,
	OP_GREATER,
	OP_COUNT
};

static const char *const operator_text[OP_COUNT] = {
	[OP_IN] = "in",
	[OP_NOT_IN] = "not in",
	[OP_ARBITRARY] = "===",
	[OP_EQUAL] = "==",
	[OP_COMPATIBLE] = "~=",
	[OP_NOT_EQUAL] = "!=",
	[OP_LESS_EQUAL] = "<=",
	[OP_GREATER_EQUAL] = ">=",
	[OP_LESS] = "<",
	[OP_GREATER] = ">",
};

/* A variable (its present name) or the value of a quoted text. */
struct operand {
	bool is_variable;
	struct str text;
	struct buf storage; /* of texts that had to be decoded or normalised */
};

struct marker_parser {
	struct str text;
	size_t at;
	int depth;
	const struct marker_environment *environment; /* NULL: the grammar alone */
	struct buf value; /* of the variable of one comparison, if it had to be changed */
	struct buf scratch; /* the specifier of one comparison */
	struct err *e;
};

static int fail(struct marker_parser *p, const char *what)
{
	return err_set(p->e, ERR_INVALID, "marker: at byte %zu: %s (PEP 508): '%.*s'", p->at, what,
		STR_ARG(p->text));
}

/* Tokens */

static void skip_space(struct marker_parser *p)
{
	while (p->at < p->text.n && (p->text.p[p->at] == ' ' || p->text.p[p->at] == '\t')) {
		p->at++;
	}
}

static bool is_word(char c)
{
	return ascii_is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool take_text(struct marker_parser *p, const char *text)
{
	size_t end = p->at;
	for (; *text != '\0'; text++, end++) {
		if (end == p->text.n || p->text.p[end] != *text) {
			return false;
		}
	}
	p->at = end;
	return true;
}

/* A word ends where no letter follows. */
static bool take_word(struct marker_parser *p, const char *word)
{
	size_t from = p->at;
	if (!take_text(p, word)) {
		return false;
	}
	if (p->at < p->text.n && is_word(p->text.p[p->at])) {
		p->at = from;
		return false;
	}
	return true;
}

static bool take_variable(struct marker_parser *p, struct operand *out)
{
	size_t end = p->at;
	while (end < p->text.n && (is_word(p->text.p[end]) || p->text.p[end] == '.')) {
		end++;
	}
	struct str word = str_slice(p->text, p->at, end);
	int variable = marker_variable_find(word);
	struct str name = variable >= 0 ? names[variable] : (struct str){0};
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases && word.n != 0 && name.n == 0; i++) {
		if (str_is(word, aliases[i].spelling)) {
			name = str_from(aliases[i].name);
		}
	}
	if (name.n == 0) {
		return false;
	}
	p->at = end;
	out->is_variable = true;
	out->text = name;
	return true;
}

static int parse_operand(struct marker_parser *p, struct operand *out)
{
	if (take_variable(p, out)) {
		return 0;
	}
	char quote = p->at < p->text.n ? p->text.p[p->at] : '\0';
	if (quote != '\'' && quote != '"') {
		return fail(p, "expected a variable or a quoted text");
	}
	struct str rest = str_slice(p->text, p->at + 1, p->text.n);
	ptrdiff_t end = str_find(rest, quote);
	if (end < 0 || !quoted_decode(str_slice(rest, 0, (size_t)end), &out->storage, &out->text)) {
		return fail(p, "bad quoted text");
	}
	p->at += (size_t)end + 2;
	return 0;
}

static int parse_operator(struct marker_parser *p, enum operator* op)
{
	if (take_word(p, "in")) {
		*op = OP_IN;
		return 0;
	}
	if (take_word(p, "not")) {
		size_t behind = p->at;
		skip_space(p);
		*op = OP_NOT_IN;
		return p->at != behind && take_word(p, "in") ? 0 : fail(p, "expected 'in' after 'not'");
	}
	for (int i = OP_ARBITRARY; i < OP_COUNT; i++) {
		if (take_text(p, operator_text[i])) {
			*op = (enum operator)i;
			return 0;
		}
	}
	return fail(p, "expected an operator");
}

/* Values */

static int lookup(struct marker_parser *p, struct str name, struct str *value)
{
	int which = marker_variable_find(name);
	if (which < 0) {
		return fail(p, "a name without a value here");
	}
	*value = p->environment->values[which];
	buf_clear(&p->value);
	if (which == MARKER_EXTRA) {
		name_normalise(*value, &p->value);
		*value = buf_view(&p->value);
	} else if (which == MARKER_PYTHON_FULL_VERSION && str_ends(*value, "+")) {
		/* untagged builds of Python call themselves "3.14.0+" */
		buf_add_str(&p->value, *value);
		buf_add_text(&p->value, "local");
		*value = buf_view(&p->value);
	}
	return 0;
}

/* These are compared as versions where the text beside them makes a specifier. */
static bool is_version_variable(struct str name)
{
	int which = marker_variable_find(name);
	return which == MARKER_IMPLEMENTATION_VERSION || which == MARKER_PLATFORM_RELEASE ||
		which == MARKER_PYTHON_FULL_VERSION || which == MARKER_PYTHON_VERSION;
}

static int compare(struct marker_parser *p, struct str left, enum operator op, struct str right,
	struct str key, bool *result)
{
	if (is_version_variable(key)) {
		/* one text, as the reference has it: `> "=3"` is `>=3` */
		struct specifier s;
		buf_clear(&p->scratch);
		buf_add_text(&p->scratch, operator_text[op]);
		buf_add_str(&p->scratch, right);
		if (specifier_parse(buf_view(&p->scratch), &s, NULL) == 0) {
			*result = specifier_matches_text(&s, left);
			return 0;
		}
	}
	switch (op) {
	case OP_IN:
		*result = str_find_text(right, left) >= 0;
		return 0;
	case OP_NOT_IN:
		*result = str_find_text(right, left) < 0;
		return 0;
	case OP_EQUAL:
	case OP_LESS_EQUAL:
	case OP_GREATER_EQUAL:
		*result = str_equal(left, right);
		return 0;
	case OP_NOT_EQUAL:
		*result = !str_equal(left, right);
		return 0;
	case OP_LESS:
	case OP_GREATER:
		*result = false;
		return 0;
	default:
		return fail(p, "'~=' and '===' are for versions");
	}
}

/* PEP 685: a quoted text beside `extra` is a name. */
static void normalise_extra(const struct operand *variable, struct operand *value)
{
	if (!variable->is_variable || value->is_variable || !str_is(variable->text, "extra")) {
		return;
	}
	struct buf normal = {0};
	name_normalise(value->text, &normal);
	buf_finish(&value->storage);
	value->storage = normal;
	value->text = buf_view(&value->storage);
}

static bool is_choice(const struct operand *o)
{
	return o->is_variable &&
		(str_is(o->text, "extra") || str_is(o->text, "extras") ||
			str_is(o->text, "dependency_groups"));
}

static int evaluate(struct marker_parser *p, struct operand *left, enum operator op,
	struct operand *right, bool *result)
{
	if (p->environment == NULL) {
		*result = false;
		return 0;
	}
	if (p->environment->any_choice && (is_choice(left) || is_choice(right))) {
		*result = true;
		return 0;
	}
	normalise_extra(left, right);
	normalise_extra(right, left);
	struct str value;
	/* Without a variable on the left the right side is looked up, a quoted text too. */
	int code = lookup(p, left->is_variable ? left->text : right->text, &value);
	if (code < 0) {
		return code;
	}
	return left->is_variable ? compare(p, value, op, right->text, left->text, result)
							 : compare(p, left->text, op, value, right->text, result);
}

/* Grammar */

static int parse_comparison(struct marker_parser *p, bool *result)
{
	struct operand left = {0}, right = {0};
	enum operator op;
	int code = parse_operand(p, &left);
	if (code < 0) {
		goto done;
	}
	skip_space(p);
	code = parse_operator(p, &op);
	if (code < 0) {
		goto done;
	}
	skip_space(p);
	code = parse_operand(p, &right);
	if (code < 0) {
		goto done;
	}
	code = evaluate(p, &left, op, &right, result);
done:
	buf_finish(&left.storage);
	buf_finish(&right.storage);
	return code;
}

static int parse_or(struct marker_parser *p, bool *result);

static int parse_atom(struct marker_parser *p, bool *result)
{
	int code;
	skip_space(p);
	if (!take_text(p, "(")) {
		code = parse_comparison(p, result);
	} else if (++p->depth > MARKER_DEPTH) {
		code = fail(p, "parentheses too deep");
	} else {
		code = parse_or(p, result);
		p->depth--;
		if (code == 0 && !take_text(p, ")")) {
			code = fail(p, "expected ')'");
		}
	}
	skip_space(p);
	return code;
}

static int parse_and(struct marker_parser *p, bool *result)
{
	int code = parse_atom(p, result);
	while (code == 0 && take_word(p, "and")) {
		bool right;
		code = parse_atom(p, &right);
		*result = code == 0 && *result && right;
	}
	return code;
}

static int parse_or(struct marker_parser *p, bool *result)
{
	int code = parse_and(p, result);
	while (code == 0 && take_word(p, "or")) {
		bool right;
		code = parse_and(p, &right);
		*result = code == 0 && (*result || right);
	}
	return code;
}

static int parse(
	struct str text, const struct marker_environment *environment, bool *result, struct err *e)
{
	struct marker_parser p = {.text = text, .environment = environment, .e = e};
	int code = parse_or(&p, result);
	if (code == 0 && p.at != text.n) {
		code = fail(&p, "expected 'and', 'or' or the end");
	}
	buf_finish(&p.scratch);
	buf_finish(&p.value);
	return code;
}

int marker_evaluate(
	struct str text, const struct marker_environment *environment, bool *result, struct err *e)
{
	*result = false;
	return parse(text, environment, result, e);
}

int marker_check(struct str text, struct err *e)
{
	bool result;
	return parse(text, NULL, &result, e);
}
