#include "reports/html_graph.h"

#include "reports/html_parts.h"

enum {
	SIDES = 6, /* roots of each kind */
	WAITING = 4, /* of a root */
	ROW = 22,
	GAP = 12,
	WIDTH = 460,
	LEFT_END = 196,
	RIGHT_START = 258,
	TEXT_MOST = 26, /* characters that fit a side */
};

/* A root: a package, or the reason of failed builds. */
struct root {
	const char *label;
	const char *class; /* of its colour */
	int64_t waits;
	int64_t downloads; /* -1: unknown */
	const char *waiting[WAITING];
	size_t waiting_count;
};

/* A text of so many characters at most, cut with an ellipsis. */
static void add_short(struct html *h, const char *text, size_t most)
{
	struct str whole = str_from(text), shown = str_first(whole, most);
	html_text(h, shown);
	if (shown.n < whole.n) {
		html_raw_literal(h, "\xE2\x80\xA6");
	}
}

static void begin_text(struct html *h, int x, int y, const char *class)
{
	html_raw_literal(h, "<text");
	html_attr_int(h, "x", x);
	html_attr_int(h, "y", y);
	html_attr(h, "class", class);
	html_raw_literal(h, ">");
}

/* From the root's middle to one that waits; the more is downloaded, the broader. */
static void add_edge(struct html *h, int from, int to, int width)
{
	struct buf path = {0};
	int middle = (LEFT_END + RIGHT_START) / 2;
	buf_printf(&path, "M%d %dC%d %d %d %d %d %d", LEFT_END + 6, from, middle, from, middle, to,
		RIGHT_START - 6, to);
	html_raw_literal(h, "<path");
	html_attr_str(h, "d", buf_view(&path));
	html_attr_int(h, "stroke-width", width);
	html_raw_literal(h, "/>");
	buf_finish(&path);
}

/* 1 to 5, by its share of the largest. */
static int width_of(int64_t downloads, int64_t most)
{
	return downloads > 0 && most > 0 ? 1 + (int)(4.0 * (double)downloads / (double)most) : 1;
}

/* How much of the picture's height it takes. */
static int height_of(const struct root *r)
{
	size_t rows = r->waiting_count + (r->waits > (int64_t)r->waiting_count);
	return (int)(rows < 2 ? 2 : rows) * ROW + GAP;
}

static void add_root(struct html *h, const struct root *r, int y, int64_t most)
{
	int middle = y + (height_of(r) - GAP) / 2;
	int64_t more = r->waits - (int64_t)r->waiting_count;
	int first = middle - (int)(r->waiting_count + (more > 0)) * ROW / 2 + ROW / 2;
	int width = width_of(r->downloads, most);
	for (size_t i = 0; i < r->waiting_count + (more > 0); i++) {
		add_edge(h, middle, first + (int)i * ROW, width);
	}
	begin_text(h, LEFT_END, middle, r->class);
	add_short(h, r->label, TEXT_MOST);
	html_raw_literal(h, "</text>");
	begin_text(h, LEFT_END, middle + 15, "minor");
	if (r->downloads >= 0) {
		html_words(h, words_count, r->downloads);
		html_raw_literal(h, " downloads wait");
	} else {
		html_int(h, r->waits);
		html_cstr(h, r->waits == 1 ? " waits" : " wait");
	}
	html_raw_literal(h, "</text>");
	for (size_t i = 0; i < r->waiting_count; i++) {
		begin_text(h, RIGHT_START, first + (int)i * ROW + 4, "end");
		add_short(h, r->waiting[i], TEXT_MOST);
		html_raw_literal(h, "</text>");
	}
	if (more > 0) {
		begin_text(h, RIGHT_START, first + (int)r->waiting_count * ROW + 4, "end minor");
		html_raw_literal(h, "and ");
		html_int(h, more);
		html_raw_literal(h, " more</text>");
	}
}

static size_t gather(const struct causes_view *v, struct root *out)
{
	size_t n = 0;
	for (size_t i = 0; i < v->root_count && i < SIDES; i++) {
		const struct blocking_root *root = &v->roots[i];
		struct root *r = &out[n++];
		*r = (struct root){.label = root->name,
			.class = html_headline_class(words_headline(root->headline)),
			.waits = root->waits,
			.downloads = root->downloads};
		for (; r->waiting_count < WAITING && r->waiting_count < root->waiting_count;
			 r->waiting_count++) {
			r->waiting[r->waiting_count] = root->waiting[r->waiting_count].name;
		}
	}
	for (size_t i = 0; i < v->cause_count && i < SIDES; i++) {
		const struct cause *c = &v->causes[i];
		struct root *r = &out[n++];
		*r = (struct root){.label = c->reason,
			.class = "reason",
			.waits = (int64_t)c->package_count,
			.downloads = c->downloads};
		for (; r->waiting_count < WAITING && r->waiting_count < c->package_count;
			 r->waiting_count++) {
			r->waiting[r->waiting_count] = c->packages[r->waiting_count].name;
		}
	}
	return n;
}

void html_graph(struct html *h, const struct causes_view *v)
{
	struct root roots[2 * SIDES];
	size_t n = gather(v, roots);
	struct buf box = {0};
	int64_t most = 0;
	int height = 0;
	if (n == 0) {
		return;
	}
	for (size_t i = 0; i < n; i++) {
		height += height_of(&roots[i]);
		most = roots[i].downloads > most ? roots[i].downloads : most;
	}
	buf_printf(&box, "0 0 %d %d", WIDTH, height);
	html_raw_literal(h, "<svg class=\"graph\" aria-hidden=\"true\" focusable=\"false\"");
	html_attr_int(h, "width", WIDTH);
	html_attr_int(h, "height", height);
	html_attr_str(h, "viewBox", buf_view(&box));
	html_raw_literal(h, ">");
	buf_finish(&box);
	for (size_t i = 0, y = GAP / 2; i < n; y += (size_t)height_of(&roots[i++])) {
		add_root(h, &roots[i], (int)y, most);
	}
	html_raw_literal(h, "</svg>\n");
}
