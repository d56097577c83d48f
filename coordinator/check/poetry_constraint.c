#include "coordinator/check/poetry_constraint.h"

#include "core/pep/specifier.h"

static int fail(struct str text, struct err *e)
{
	return err_set(e, ERR_INVALID, "'%.*s' is no version constraint", STR_ARG(text));
}

static bool is_operator(char c)
{
	return c == '<' || c == '>' || c == '=' || c == '!' || c == '~' || c == '^';
}

static bool is_any(char c)
{
	return c == '*' || c == 'x' || c == 'X';
}

/* The first `parts` numbers of the release, the last one more by one. */
static bool write_next(const struct version *v, size_t parts, struct buf *out)
{
	uint64_t last;
	if (!str_to_u64(version_release_part(v, parts - 1), &last) || last == UINT64_MAX) {
		return false;
	}
	if (v->epoch.n != 0) {
		buf_printf(out, "%.*s!", STR_ARG(v->epoch));
	}
	for (size_t i = 0; i + 1 < parts; i++) {
		buf_printf(out, "%.*s.", STR_ARG(version_release_part(v, i)));
	}
	buf_printf(out, "%llu", (unsigned long long)last + 1);
	return true;
}

static bool is_zero(struct str digits)
{
	return version_compare_digits(digits, STR("0")) == 0;
}

/* The number that must not change: `^` keeps the first that is not zero, of those that are written and
 * of the first three; `~` keeps the minor version where there is one. */
static size_t kept_parts(const struct version *v, char kind)
{
	size_t parts = version_release_parts(v), n = 1;
	if (kind == '~') {
		return parts >= 2 ? 2 : 1;
	}
	while (n < 3 && n < parts && is_zero(version_release_part(v, n - 1))) {
		n++;
	}
	return n;
}

/* `^V` and `~V`. */
static bool write_range(struct str version, char kind, struct buf *out)
{
	struct version v;
	if (version_parse(version, &v, NULL) != 0) {
		return false;
	}
	buf_printf(out, ">=%.*s,<", STR_ARG(version));
	return write_next(&v, kept_parts(&v, kind), out);
}

/* A version, whose last numbers may be `*` or `x`. */
static bool write_equal(const char *operator, struct str version, struct buf *out)
{
	size_t n = version.n;
	while (n >= 2 && is_any(version.p[n - 1]) && version.p[n - 2] == '.') {
		n -= 2;
	}
	buf_printf(
		out, "%s%.*s%s", operator, STR_ARG(str_slice(version, 0, n)), n != version.n ? ".*" : "");
	return n != 0;
}

static bool write_one(struct str text, struct buf *out)
{
	size_t n = 0;
	while (n < text.n && is_operator(text.p[n])) {
		n++;
	}
	struct str operator= str_slice(text, 0, n), version = str_trim(str_slice(text, n, text.n));
	if (str_is(operator, "^") || str_is(operator, "~")) {
		return write_range(version, operator.p[0], out);
	}
	if (n == 0 && version.n == 1 && is_any(version.p[0])) {
		return true;
	}
	if (n == 0 || str_is(operator, "=") || str_is(operator, "==")) {
		return write_equal("==", version, out);
	}
	if (str_is(operator, "!=") || str_is(operator, "<>")) {
		return write_equal("!=", version, out);
	}
	buf_printf(out, "%.*s%.*s", STR_ARG(operator), STR_ARG(version));
	return true;
}

/* The first constraint of some that commas or spaces separate; a space may also stand behind an operator. */
static struct str take_one(struct str *rest)
{
	size_t n = 0;
	while (n < rest->n && is_operator(rest->p[n])) {
		n++;
	}
	while (n < rest->n && rest->p[n] == ' ') {
		n++;
	}
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != ',') {
		n++;
	}
	struct str one = str_slice(*rest, 0, n);
	bool comma = false;
	while (n < rest->n && (rest->p[n] == ' ' || (rest->p[n] == ',' && !comma))) {
		comma |= rest->p[n++] == ',';
	}
	*rest = str_slice(*rest, n, rest->n);
	return str_trim(one);
}

static int write_set(struct str text, struct buf *out, struct err *e)
{
	struct buf set = {0};
	struct specifier_set parsed;
	struct str rest = text;
	bool good = text.n != 0;
	while (good && rest.n != 0) {
		size_t before = set.n;
		if (before != 0) {
			buf_add_char(&set, ',');
		}
		size_t begun = set.n;
		good = write_one(take_one(&rest), &set);
		if (set.n == begun) {
			set.n = before; /* `*` says nothing */
		}
	}
	good = good && specifier_set_parse(buf_view(&set), &parsed, NULL) == 0;
	if (good) {
		buf_add_str(out, buf_view(&set));
	}
	buf_finish(&set);
	return good ? 0 : fail(text, e);
}

int poetry_constraint_write(struct str text, struct buf *out, struct err *e)
{
	struct str rest = str_trim(text), one;
	bool first = true;
	if (rest.n == 0) {
		return fail(text, e);
	}
	while (str_split(&rest, '|', &one)) {
		if (rest.n != 0 && rest.p[0] == '|') {
			rest = str_slice(rest, 1, rest.n); /* || */
		}
		if (!first) {
			buf_add_char(out, '|');
		}
		first = false;
		int code = write_set(str_trim(one), out, e);
		if (code != 0) {
			return code;
		}
	}
	return 0;
}
