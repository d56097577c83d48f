#include "reports/atom.h"

#include "core/base/clock.h"
#include "reports/html.h"
#include "reports/words.h"

#include <inttypes.h>

/* The five escapes that HTML writes are numbers or XML's own; a control character never comes through
 * (visible.h). */
static void add_element(struct html *h, const char *name, const char *text)
{
	buf_printf(h->out, "<%s>", name);
	html_cstr(h, text);
	buf_printf(h->out, "</%s>", name);
}

static void add_time(struct html *h, const char *name, int64_t wall_ms)
{
	char text[CLOCK_TEXT];
	clock_text(wall_ms, text);
	add_element(h, name, text);
}

static const char *kind_of(const struct store_change *c)
{
	return c->kind != CHANGE_NONE ? change_kind_word(c->kind) : headline_word(c->became);
}

static void add_entry(struct html *h, const char *base, const struct store_change *c)
{
	struct buf text = {0};
	html_raw_literal(h, "<entry>");
	/* The same change has the same id in every feed. */
	buf_printf(&text, "tag:wheelfarm,2026:%s/%s/%" PRId64, c->package,
		c->target_count != 0 ? c->targets[0] : "", c->at);
	add_element(h, "id", text.p);
	buf_clear(&text);
	buf_printf(
		&text, "%s %s on %s", c->package, kind_of(c), c->target_count != 0 ? c->targets[0] : "");
	if (c->target_count > 1) {
		buf_printf(&text, " and %zu more", c->target_count - 1);
	}
	add_element(h, "title", text.p);
	add_time(h, "updated", c->at);
	buf_clear(&text);
	buf_printf(&text, "%s/package/", base);
	html_url_add(&text, str_from(c->package));
	html_raw_literal(h, "<link");
	html_attr_str(h, "href", buf_view(&text));
	html_raw_literal(h, "/><content type=\"text\">");
	html_format(h, "%s: %s, was %s.", c->version != NULL ? c->version : c->package,
		headline_label(c->became), headline_label(c->was));
	html_raw_literal(h, " Targets:");
	for (size_t i = 0; i < c->target_count; i++) {
		html_format(h, " %s", c->targets[i]);
	}
	html_raw_literal(h, "</content></entry>\n");
	buf_finish(&text);
}

void atom_feed(struct buf *out, const char *base, const char *address, const struct feed_view *v)
{
	struct html h = {.out = out};
	struct buf text = {0};
	buf_add_text(out,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed "
		"xmlns=\"http://www.w3.org/2005/Atom\">");
	buf_printf(&text, "%s%s", base, address);
	add_element(&h, "id", text.p);
	html_raw_literal(&h, "<link rel=\"self\"");
	html_attr_str(&h, "href", buf_view(&text));
	html_raw_literal(&h, "/>");
	buf_clear(&text);
	buf_add_text(&text, "Wheels for ARM");
	if (v->package != NULL) {
		buf_printf(&text, ": %s", v->package);
	}
	if (v->target != NULL) {
		buf_printf(&text, ": %s", v->target);
	}
	add_element(&h, "title", text.p);
	add_time(&h, "updated", v->change_count != 0 ? v->changes[0].at : v->scanned);
	html_raw_literal(&h, "<author><name>wheelfarm</name></author>\n");
	for (size_t i = 0; i < v->change_count; i++) {
		add_entry(&h, base, &v->changes[i]);
	}
	buf_add_text(out, "</feed>\n");
	buf_finish(&text);
}

void sitemap(struct buf *out, const char *base, const char *ending, const struct names_view *v)
{
	static const char *const pages[] = {
		"/", "/packages", "/blockers", "/start-here", "/changes", "/farm"};
	struct html h = {.out = out};
	struct buf address = {0};
	buf_add_text(out,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset "
		"xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
	for (size_t i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		buf_clear(&address);
		buf_printf(&address, "%s%s%s", base, pages[i], i == 0 ? "" : ending);
		html_raw_literal(&h, "<url>");
		add_element(&h, "loc", address.p);
		html_raw_literal(&h, "</url>\n");
	}
	/* The protocol's own limit is 50,000 addresses a file. */
	for (size_t i = 0; i < v->count && i < 49000; i++) {
		buf_clear(&address);
		buf_printf(&address, "%s/package/", base);
		html_url_add(&address, str_from(v->names[i].name));
		buf_add_text(&address, ending);
		html_raw_literal(&h, "<url>");
		add_element(&h, "loc", address.p);
		if (v->names[i].scanned != 0) {
			add_time(&h, "lastmod", v->names[i].scanned);
		}
		html_raw_literal(&h, "</url>\n");
	}
	buf_add_text(out, "</urlset>\n");
	buf_finish(&address);
}
