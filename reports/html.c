#include "reports/html.h"

#include "reports/visible.h"

#include <stdio.h>
#include <string.h>

/* All output goes through here: a piece is written whole or not at all. */
static void put(struct html *h, const char *bytes, size_t n)
{
	size_t limit = h->limit != 0 ? h->limit : HTML_LIMIT;
	if (h->full || n > limit || h->out->n > limit - n) {
		h->full = true;
		return;
	}
	/* A page is some thousand small pieces, so the usual case is done here. */
	if (n != 0 && n < h->out->capacity - h->out->n) {
		memcpy(h->out->p + h->out->n, bytes, n);
		h->out->n += n;
		h->out->p[h->out->n] = '\0';
		return;
	}
	buf_add(h->out, bytes, n);
}

static void put_text(struct html *h, const char *text)
{
	put(h, text, strlen(text));
}

void html_raw_(struct html *h, const char *literal, size_t n)
{
	put(h, literal, n);
}

static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void put_escaped(struct html *h, struct str text)
{
	size_t plain = 0;
	for (size_t i = 0; i < text.n; i++) {
		const char *entity = entity_of(text.p[i]);
		if (entity != NULL) {
			put(h, text.p + plain, i - plain);
			put_text(h, entity);
			plain = i + 1;
		}
	}
	if (plain < text.n) {
		put(h, text.p + plain, text.n - plain);
	}
}

/* How many bytes at the start stand for themselves: most text is plain ASCII without markup. */
static size_t plain_length(struct str text)
{
	const uint64_t markup = UINT64_C(1) << '&' | UINT64_C(1) << '<' | UINT64_C(1) << '>' |
		UINT64_C(1) << '"' | UINT64_C(1) << '\'';
	size_t i = 0;
	for (; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c < 0x20 || c >= 0x7F || (c < 64 && (markup >> c & 1) != 0)) {
			break;
		}
	}
	return i;
}

/* ASCII needs no second buffer. */
static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c < 0x20 || c >= 0x7F) {
			return false;
		}
	}
	return true;
}

static void put_visible(struct html *h, struct str text, enum visible_kind kind)
{
	if (plain_length(text) == text.n) {
		put(h, text.p, text.n);
		return;
	}
	if (is_plain(text)) {
		put_escaped(h, text);
		return;
	}
	struct buf shown = {0};
	visible_add(&shown, text, kind);
	put_escaped(h, buf_view(&shown));
	buf_finish(&shown);
}

void html_text(struct html *h, struct str text)
{
	put_visible(h, text, VISIBLE_LINE);
}

void html_cstr(struct html *h, const char *text_or_null)
{
	html_text(h, str_from(text_or_null));
}

void html_log(struct html *h, struct str line)
{
	put_visible(h, line, VISIBLE_LOG);
}

void html_format(struct html *h, const char *format, ...)
{
	struct buf text = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&text, format, arguments);
	va_end(arguments);
	html_text(h, buf_view(&text));
	buf_finish(&text);
}

void html_int(struct html *h, int64_t value)
{
	char digits[32];
	size_t n = 0;
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	do {
		if (n % 4 == 3) {
			digits[sizeof(digits) - ++n] = ',';
		}
		digits[sizeof(digits) - ++n] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest != 0);
	if (value < 0) {
		digits[sizeof(digits) - ++n] = '-';
	}
	put(h, digits + sizeof(digits) - n, n);
}

void html_attr_str(struct html *h, const char *name, struct str value)
{
	put_text(h, " ");
	put_text(h, name);
	put_text(h, "=\"");
	html_text(h, value);
	put_text(h, "\"");
}

void html_attr(struct html *h, const char *name, const char *value_or_null)
{
	html_attr_str(h, name, str_from(value_or_null));
}

void html_attr_int(struct html *h, const char *name, int64_t value)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)value);
	html_attr(h, name, text);
}

void html_url_add(struct buf *out, struct str component)
{
	for (size_t i = 0; i < component.n; i++) {
		unsigned char c = (unsigned char)component.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			(c != '\0' && strchr("-._~", c) != NULL);
		if (plain) {
			buf_add_char(out, (char)c);
		} else {
			buf_printf(out, "%%%02X", c);
		}
	}
}

void html_url_str(struct html *h, struct str component)
{
	struct buf address = {0};
	html_url_add(&address, component);
	put(h, address.p, address.n);
	buf_finish(&address);
}

void html_url(struct html *h, const char *component_or_null)
{
	html_url_str(h, str_from(component_or_null));
}

int html_end(struct html *h, struct err *e)
{
	if (h->full) {
		return err_set(e, ERR_TOO_LARGE, "page: over the limit of a page's size");
	}
	return 0;
}
