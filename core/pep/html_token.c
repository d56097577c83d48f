#include "core/pep/html_token.h"

#include "core/pep/ascii.h"
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void skip(struct str *s, size_t n)
{
	*s = str_slice(*s, n, s->n);
}

static void skip_space(struct str *s)
{
	while (s->n != 0 && is_space(s->p[0])) {
		skip(s, 1);
	}
}

/* Behind the first `end` in *rest, or to its end. */
static void skip_past(struct str *rest, const char *end)
{
	ptrdiff_t at = str_find_text(*rest, str_from(end));
	skip(rest, at < 0 ? rest->n : (size_t)at + strlen(end));
}

/* The '>' that ends a tag: not one between quotes. */
static size_t tag_length(struct str s)
{
	char quote = '\0';
	for (size_t i = 0; i < s.n; i++) {
		if (quote != '\0') {
			quote = s.p[i] == quote ? '\0' : quote;
		} else if ((s.p[i] == '"' || s.p[i] == '\'') && i != 0 &&
			(s.p[i - 1] == '=' || is_space(s.p[i - 1]))) {
			quote = s.p[i];
		} else if (s.p[i] == '>') {
			return i;
		}
	}
	return s.n;
}

/* What is inside these is not HTML; it ends at their own end tag. */
static void skip_raw(struct str *rest, struct str name)
{
	static const char *const raw[] = {"script", "style", "textarea", "title"};
	for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
		if (!str_equal_nocase(name, str_from(raw[i]))) {
			continue;
		}
		while (rest->n != 0) {
			bool ends = rest->n >= name.n + 2 && rest->p[0] == '<' && rest->p[1] == '/' &&
				str_equal_nocase(str_slice(*rest, 2, 2 + name.n), name);
			if (ends) {
				return;
			}
			skip(rest, 1);
		}
	}
}

static void take_tag(struct str *rest, struct html_token *out)
{
	bool end = rest->p[1] == '/';
	skip(rest, end ? 2 : 1);
	struct str tag = str_slice(*rest, 0, tag_length(*rest));
	skip(rest, tag.n + 1);
	size_t n = 0;
	while (n < tag.n && !is_space(tag.p[n]) && tag.p[n] != '/') {
		n++;
	}
	out->kind = end ? HTML_END : HTML_START;
	out->name = str_slice(tag, 0, n);
	out->attributes = str_slice(tag, n, tag.n);
	if (!end) {
		skip_raw(rest, out->name);
	}
}

static void take_text(struct str *rest, struct html_token *out)
{
	size_t n = 1;
	while (n < rest->n && rest->p[n] != '<') {
		n++;
	}
	out->kind = HTML_TEXT;
	out->text = str_slice(*rest, 0, n);
	skip(rest, n);
}

bool html_token_next(struct str *rest, struct html_token *out)
{
	while (rest->n != 0) {
		*out = (struct html_token){0};
		char next = rest->n > 1 && rest->p[0] == '<' ? rest->p[1] : '\0';
		if (str_starts(*rest, "<!--")) {
			skip(rest, 4);
			skip_past(rest, "-->");
		} else if (next == '!' || next == '?') {
			bool doctype = str_equal_nocase(str_slice(*rest, 2, 9), STR("doctype"));
			skip_past(rest, ">");
			if (doctype) {
				out->kind = HTML_DOCTYPE;
				return true;
			}
		} else if (ascii_is_letter(next) ||
			(next == '/' && rest->n > 2 && ascii_is_letter(rest->p[2]))) {
			take_tag(rest, out);
			return true;
		} else {
			take_text(rest, out);
			return true;
		}
	}
	return false;
}

static struct str take_value(struct str *rest)
{
	size_t n = 0;
	char quote = rest->n != 0 ? rest->p[0] : '\0';
	if (quote == '"' || quote == '\'') {
		skip(rest, 1);
		ptrdiff_t end = str_find(*rest, quote);
		struct str value = str_slice(*rest, 0, end < 0 ? rest->n : (size_t)end);
		skip(rest, value.n + 1);
		return value;
	}
	while (n < rest->n && !is_space(rest->p[n])) {
		n++;
	}
	struct str value = str_slice(*rest, 0, n);
	skip(rest, n);
	return value;
}

bool html_attribute_next(struct str *rest, struct str *name, struct str *value)
{
	while (rest->n != 0 && (is_space(rest->p[0]) || rest->p[0] == '/')) {
		skip(rest, 1);
	}
	if (rest->n == 0) {
		return false;
	}
	size_t n = 1;
	while (n < rest->n && !is_space(rest->p[n]) && rest->p[n] != '=' && rest->p[n] != '/') {
		n++;
	}
	*name = str_slice(*rest, 0, n);
	*value = (struct str){0};
	skip(rest, n);
	skip_space(rest);
	if (rest->n != 0 && rest->p[0] == '=') {
		skip(rest, 1);
		skip_space(rest);
		*value = take_value(rest);
	}
	return true;
}

/* "#62", "#x3E": false if it names no character. */
static bool decode_number(struct str reference, uint32_t *out)
{
	uint32_t base = 10, c = 0;
	skip(&reference, 1);
	if (reference.n != 0 && (reference.p[0] == 'x' || reference.p[0] == 'X')) {
		base = 16;
		skip(&reference, 1);
	}
	for (size_t i = 0; i < reference.n; i++) {
		char d = reference.p[i];
		char l = (char)(d | 0x20);
		uint32_t digit = d >= '0' && d <= '9' ? (uint32_t)(d - '0')
			: l >= 'a' && l <= 'f'            ? (uint32_t)(l - 'a' + 10)
											  : base;
		if (digit >= base || c > 0x10ffff) {
			return false;
		}
		c = c * base + digit;
	}
	*out = c;
	return reference.n != 0 && c != 0 && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

static bool decode_reference(struct str reference, uint32_t *out)
{
	static const struct {
		const char *name;
		uint32_t character;
	} named[] = {
		{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xa0}};
	if (str_starts(reference, "#")) {
		return decode_number(reference, out);
	}
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		if (str_is(reference, named[i].name)) {
			*out = named[i].character;
			return true;
		}
	}
	return false;
}

void html_decode(struct str text, struct buf *out)
{
	enum { LONGEST = 12 }; /* of a reference that is looked at */
	for (size_t i = 0; i < text.n; i++) {
		uint32_t c;
		if (text.p[i] == '&') {
			struct str rest = str_slice(text, i + 1, i + 1 + LONGEST);
			ptrdiff_t end = str_find(rest, ';');
			if (end > 0 && decode_reference(str_slice(rest, 0, (size_t)end), &c)) {
				ascii_add_utf8(out, c);
				i += (size_t)end + 1;
				continue;
			}
		}
		buf_add_char(out, text.p[i]);
	}
}
