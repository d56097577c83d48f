/* HTML onto a buffer, escaped by type. Only literals reach a page as markup: whatever comes from
 * outside goes through html_text, html_attr or html_url.
 *
 * The writer is sticky: once the page would pass its limit nothing more is written, and html_end
 * says so, once. */
#pragma once

#include "core/base/str.h"

struct html {
	struct buf *out;
	size_t limit; /* bytes in `out`; 0: HTML_LIMIT */
	bool full;
};
enum { HTML_LIMIT = 16 << 20 };

/* Markup from our own source only; the empty literals make the compiler refuse a variable. */
#define html_raw_literal(h, literal) html_raw_((h), "" literal "", sizeof(literal) - 1)
void html_raw_(struct html *h, const char *literal, size_t n); /* by the macro above only */

/* Text between tags: &, <, >, quotes escaped, control characters made visible (visible.h). */
void html_text(struct html *h, struct str text);
void html_cstr(struct html *h, const char *text_or_null);
void html_log(struct html *h, struct str line); /* the same by VISIBLE_LOG */
void html_format(struct html *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
void html_int(struct html *h, int64_t value); /* with thin thousands commas: 1,204 */

/* ` name="value"`, with the space before it. */
void html_attr(struct html *h, const char *name, const char *value_or_null);
void html_attr_str(struct html *h, const char *name, struct str value);
void html_attr_int(struct html *h, const char *name, int64_t value);

/* One component of an address (a path segment or a query value): all but RFC 3986's unreserved
 * characters as %XX. Inside an attribute that the caller opened. */
void html_url(struct html *h, const char *component_or_null);
void html_url_str(struct html *h, struct str component);
/* The same onto a plain buffer: an address that becomes a whole attribute by html_attr_str. */
void html_url_add(struct buf *out, struct str component);

/* 0, or ERR_TOO_LARGE when the limit cut the page. */
int html_end(struct html *h, struct err *e);
