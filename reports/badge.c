#include "reports/badge.h"

#include "reports/html.h"
#include "reports/html_matrix.h"
#include "reports/words.h"

#include <stdio.h>

struct badge_colour {
	const char *shields; /* its word for it */
	const char *hex; /* white letters on it have a contrast of 4.5 and more */
};

static struct badge_colour colour_of(enum headline h)
{
	static const struct badge_colour colours[HEADLINE_COUNT] = {
		[HEADLINE_READY] = {"success", "#12703f"},
		[HEADLINE_DEGRADED] = {"yellow", "#7a5a00"},
		[HEADLINE_BUILDS] = {"blue", "#0b5c9c"},
		[HEADLINE_BLOCKED] = {"blueviolet", "#6a3fa8"},
		[HEADLINE_BROKEN] = {"critical", "#b3241c"},
		[HEADLINE_VANISHED] = {"orange", "#984400"},
		[HEADLINE_MISSING] = {"lightgrey", "#5d656d"},
		[HEADLINE_NOT_APPLICABLE] = {"lightgrey", "#5d656d"},
		[HEADLINE_UNKNOWN] = {"lightgrey", "#5d656d"},
	};
	return colours[h];
}

static void add_label(struct buf *out, const struct target_view *t)
{
	buf_add_text(out, words_family(t->target));
	buf_printf(out, " %s", t->python);
	buf_add_text(out, t->free_threaded ? "t" : "");
}

static void add_message(struct buf *out, const struct target_view *t)
{
	enum headline h = words_headline(t->headline);
	buf_printf(out, "%s", headline_label(h));
	if (h == HEADLINE_READY && t->version != NULL) {
		buf_printf(out, " %s", t->version);
	} else if (h == HEADLINE_VANISHED && t->published.vanished != NULL) {
		buf_printf(out, " after %s", t->published.vanished);
	}
}

/* Units are tenths of a pixel. Letters of the usual sans fonts are 6 pixels on average at a size of
 * 11, and textLength makes them so. */
static int width_of(struct str text)
{
	return (int)str_characters(text) * 62;
}

static void add_text(struct html *h, struct str text, int middle, int width)
{
	html_raw_literal(h, "<text y=\"140\"");
	html_attr_int(h, "x", middle);
	html_attr_int(h, "textLength", width);
	html_raw_literal(h, ">");
	html_text(h, text);
	html_raw_literal(h, "</text>");
}

static void add_box(struct html *h, int x, int width, const char *colour)
{
	html_raw_literal(h, "<rect height=\"200\"");
	html_attr_int(h, "x", x);
	html_attr_int(h, "width", width);
	html_attr(h, "fill", colour);
	html_raw_literal(h, "/>");
}

void badge_svg(struct buf *out, const struct target_view *t)
{
	enum headline v = words_headline(t->headline);
	struct html h = {.out = out};
	struct buf label = {0}, message = {0}, title = {0};
	char box[64];
	add_label(&label, t);
	add_message(&message, t);
	buf_printf(&title, "%s: %s", label.p, message.p);
	int left = width_of(buf_view(&label)) + 120;
	int right = width_of(buf_view(&message)) + 250; /* with the sign */
	snprintf(box, sizeof(box), "0 0 %d 200", left + right);
	html_raw_literal(&h, "<svg xmlns=\"http://www.w3.org/2000/svg\" height=\"20\"");
	html_attr_int(&h, "width", (left + right) / 10);
	html_attr(&h, "viewBox", box);
	html_raw_literal(&h, " role=\"img\"");
	html_attr_str(&h, "aria-label", buf_view(&title));
	html_raw_literal(&h, "><title>");
	html_text(&h, buf_view(&title));
	html_raw_literal(&h, "</title><clipPath id=\"r-");
	html_cstr(&h, headline_word(v)); /* so that one page may hold several */
	html_raw_literal(
		&h, "\"><rect width=\"100%\" height=\"200\" rx=\"30\"/></clipPath><g clip-path=\"url(#r-");
	html_cstr(&h, headline_word(v));
	html_raw_literal(&h, ")\">");
	add_box(&h, 0, left, "#3a4046");
	add_box(&h, left, right, colour_of(v).hex);
	html_raw_literal(&h,
		"</g><g fill=\"#fff\" text-anchor=\"middle\" font-size=\"110\" "
		"font-family=\"Verdana,DejaVu Sans,sans-serif\">");
	add_text(&h, buf_view(&label), left / 2, left - 120);
	html_raw_literal(&h, "<text y=\"140\"");
	html_attr_int(&h, "x", left + 110);
	html_raw_literal(&h, ">");
	html_cstr(&h, headline_glyph(v));
	html_raw_literal(&h, "</text>");
	add_text(&h, buf_view(&message), left + 190 + (right - 250) / 2, right - 250);
	html_raw_literal(&h, "</g></svg>\n");
	buf_finish(&label);
	buf_finish(&message);
	buf_finish(&title);
}

void badge_json(struct json_writer *w, const struct target_view *t)
{
	struct buf label = {0}, message = {0};
	add_label(&label, t);
	add_message(&message, t);
	json_object_begin(w);
	json_kv_int(w, "schemaVersion", 1);
	json_kv_str(w, "label", buf_view(&label));
	json_kv_str(w, "message", buf_view(&message));
	json_kv_text(w, "color", colour_of(words_headline(t->headline)).shields);
	json_kv_text(w, "target", t->target);
	json_kv_text(w, "headline", t->headline);
	json_kv_text(w, "version", t->version);
	json_object_end(w);
	buf_finish(&label);
	buf_finish(&message);
}

const struct target_view *badge_target(
	const struct package_view *v, struct str name, const char *python)
{
	static const char *const families[][2] = {
		{"linux", "glibc"}, {"musl", "musl"}, {"windows", "Windows"}};
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		if (str_is(name, families[i][0])) {
			return html_matrix_default(v, families[i][1], python);
		}
	}
	for (size_t i = 0; i < v->target_count; i++) {
		if (str_is(name, v->targets[i].target)) {
			return &v->targets[i];
		}
	}
	return NULL;
}
