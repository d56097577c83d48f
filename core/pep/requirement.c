#include "core/pep/requirement.h"

#include "core/pep/ascii.h"
struct requirement_parser {
	struct str text;
	size_t at;
	struct err *e;
};

static int fail(struct requirement_parser *p, const char *what)
{
	return err_set(p->e, ERR_INVALID, "requirement: at byte %zu: %s (PEP 508): '%.*s'", p->at, what,
		STR_ARG(p->text));
}

static bool at_end(const struct requirement_parser *p)
{
	return p->at == p->text.n;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_space(struct requirement_parser *p)
{
	while (!at_end(p) && is_blank(p->text.p[p->at])) {
		p->at++;
	}
}

static bool take(struct requirement_parser *p, char c)
{
	if (at_end(p) || p->text.p[p->at] != c) {
		return false;
	}
	p->at++;
	return true;
}

/* A name or extra. It ends with a letter, a digit or (an oddity of the reference) '_', with no
 * character of a word behind it. */
static bool take_identifier(struct requirement_parser *p, struct str *out)
{
	size_t end = p->at;
	while (end < p->text.n &&
		(ascii_is_alnum(p->text.p[end]) || p->text.p[end] == '_' || p->text.p[end] == '.' ||
			p->text.p[end] == '-')) {
		end++;
	}
	*out = str_slice(p->text, p->at, end);
	if (out->n == 0 || !ascii_is_alnum(out->p[0]) || out->p[out->n - 1] == '.' ||
		out->p[out->n - 1] == '-' || (end < p->text.n && (unsigned char)p->text.p[end] >= 0x80)) {
		return false;
	}
	p->at = end;
	return true;
}

static int parse_extras(struct requirement_parser *p, struct str *extras)
{
	struct str extra;
	if (!take(p, '[')) {
		return 0;
	}
	size_t from = p->at;
	skip_space(p);
	if (take_identifier(p, &extra)) {
		skip_space(p);
		while (take(p, ',')) {
			skip_space(p);
			if (!take_identifier(p, &extra)) {
				return fail(p, "expected an extra's name");
			}
			skip_space(p);
		}
	}
	*extras = str_slice(p->text, from, p->at);
	return take(p, ']') ? 0 : fail(p, "expected ']'");
}

static int parse_specifiers(struct requirement_parser *p, struct specifier_set *out)
{
	bool parenthesis = take(p, '(');
	skip_space(p);
	size_t from = p->at, n;
	struct specifier s;
	while ((n = specifier_scan(str_slice(p->text, p->at, p->text.n), &s)) != 0) {
		p->at += n;
		skip_space(p);
		if (!take(p, ',')) {
			break;
		}
		skip_space(p);
	}
	struct str specifiers = str_slice(p->text, from, p->at);
	skip_space(p);
	if (parenthesis && !take(p, ')')) {
		return fail(p, "expected ')'");
	}
	/* `===` takes commas into its text, so the members are read once more */
	return specifier_set_parse(specifiers, out, p->e);
}

static int parse_url(struct requirement_parser *p, struct str *url)
{
	skip_space(p);
	size_t from = p->at;
	while (!at_end(p) && !is_blank(p->text.p[p->at])) {
		p->at++;
	}
	*url = str_slice(p->text, from, p->at);
	return url->n != 0 ? 0 : fail(p, "expected a URL after '@'");
}

static int parse_marker(struct requirement_parser *p, struct str *marker)
{
	skip_space(p);
	if (at_end(p)) {
		return 0;
	}
	if (!take(p, ';')) {
		return fail(p, "expected ';' or the end");
	}
	*marker = str_slice(p->text, p->at, p->text.n);
	return marker_check(*marker, p->e);
}

int requirement_parse(struct str text, struct requirement *out, struct err *e)
{
	struct requirement_parser p = {.text = text, .e = e};
	*out = (struct requirement){0};
	skip_space(&p);
	if (!take_identifier(&p, &out->name)) {
		return fail(&p, "expected a name");
	}
	skip_space(&p);
	int code = parse_extras(&p, &out->extras);
	if (code < 0) {
		return code;
	}
	skip_space(&p);
	code = take(&p, '@') ? parse_url(&p, &out->url) : parse_specifiers(&p, &out->specifiers);
	return code < 0 ? code : parse_marker(&p, &out->marker);
}

bool requirement_next_extra(struct str *rest, struct str *extra)
{
	while (str_split(rest, ',', extra)) {
		*extra = str_trim(*extra);
		if (extra->n != 0) {
			return true;
		}
	}
	return false;
}

int requirement_applies(const struct requirement *r, const struct marker_environment *environment,
	bool *result, struct err *e)
{
	*result = true;
	return r->marker.n != 0 ? marker_evaluate(r->marker, environment, result, e) : 0;
}
