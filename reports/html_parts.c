#include "reports/html_parts.h"

#include "core/base/clock.h"
#include "reports/tested.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void html_words(struct html *h, void (*words)(struct buf *, int64_t), int64_t value)
{
	struct buf text = {0};
	words(&text, value);
	html_text(h, buf_view(&text));
	buf_finish(&text);
}

void html_seconds(struct html *h, double seconds)
{
	struct buf text = {0};
	words_seconds(&text, seconds);
	html_text(h, buf_view(&text));
	buf_finish(&text);
}

/* For people as `words` say it, for programs whole. */
static void add_time(struct html *h, int64_t wall_ms, void (*words)(struct buf *, int64_t))
{
	char iso[CLOCK_TEXT];
	clock_text(wall_ms, iso);
	html_raw_literal(h, "<time");
	html_attr(h, "datetime", iso);
	html_raw_literal(h, ">");
	html_words(h, words, wall_ms);
	html_raw_literal(h, "</time>");
}

void html_when(struct html *h, const struct page *p, int64_t wall_ms)
{
	if (wall_ms == 0) {
		html_raw_literal(h, "\xE2\x80\x93");
		return;
	}
	add_time(h, wall_ms, words_time);
	if (p->fixed) {
		return;
	}
	html_raw_literal(h, " <span class=\"ago\">");
	struct buf ago = {0};
	words_ago(&ago, wall_ms, p->now);
	html_text(h, buf_view(&ago));
	buf_finish(&ago);
	html_raw_literal(h, "</span>");
}

void html_day(struct html *h, int64_t wall_ms)
{
	if (wall_ms == 0) {
		html_raw_literal(h, "\xE2\x80\x93");
		return;
	}
	char iso[CLOCK_TEXT];
	clock_text(wall_ms, iso);
	html_raw_literal(h, "<time>");
	html_text(h, (struct str){iso, 10});
	html_raw_literal(h, "</time>");
}

void html_day_short(struct html *h, int64_t wall_ms)
{
	char iso[CLOCK_TEXT];
	clock_text(wall_ms, iso);
	html_raw_literal(h, "<time");
	html_attr_str(h, "datetime", (struct str){iso, 10});
	html_raw_literal(h, ">");
	html_text(h, (struct str){iso + 5, 5});
	html_raw_literal(h, "</time>");
}

void html_downloads(struct html *h, int64_t downloads)
{
	if (downloads < 0) {
		html_raw_literal(h, "unknown");
	} else {
		html_words(h, words_count, downloads);
	}
	html_unit(h, "downloads");
}

void html_unit(struct html *h, const char *unit)
{
	html_raw_literal(h, "<span class=\"unit\"> ");
	html_cstr(h, unit);
	html_raw_literal(h, "</span>");
}

void html_night(struct html *h, int64_t wall_ms)
{
	add_time(h, wall_ms, words_date);
}

void html_target_name(struct html *h, const char *target)
{
	struct buf name = {0};
	words_platform(&name, words_target_platform(target));
	html_text(h, buf_view(&name));
	buf_clear(&name);
	words_python(&name, target);
	html_raw_literal(h, " <small>");
	html_text(h, buf_view(&name));
	html_raw_literal(h, "</small>");
	buf_finish(&name);
}

#define CLASS_READY "h-ready"
#define CLASS_DEGRADED "h-degraded"
#define CLASS_BUILDS "h-builds"
#define CLASS_BLOCKED "h-blocked"
#define CLASS_BROKEN "h-broken"
#define CLASS_VANISHED "h-vanished"
#define CLASS_MISSING "h-missing"
#define CLASS_NOT_APPLICABLE "h-na"
#define CLASS_UNKNOWN "h-unknown"

const char *html_headline_class(enum headline v)
{
	static const char *const classes[HEADLINE_COUNT] = {
#define HEADLINE_ROW(name, word, glyph, label) [HEADLINE_##name] = CLASS_##name,
		HEADLINE_MAP(HEADLINE_ROW)
#undef HEADLINE_ROW
	};
	return classes[v];
}

/* Some pages have a thousand headlines, so each is one literal. */
static void span_of(struct html *h, enum headline v)
{
	switch (v) {
#define HEADLINE_ROW(name, word, glyph, label)                    \
	case HEADLINE_##name:                                         \
		html_raw_literal(h, "<span class=\"" CLASS_##name "\">"); \
		break;
		HEADLINE_MAP(HEADLINE_ROW)
#undef HEADLINE_ROW
	case HEADLINE_COUNT:
		break;
	}
}

static void put_glyph(struct html *h, enum headline v)
{
	switch (v) {
#define HEADLINE_ROW(name, word, glyph, label) \
	case HEADLINE_##name:                      \
		html_raw_literal(h, glyph);            \
		break;
		HEADLINE_MAP(HEADLINE_ROW)
#undef HEADLINE_ROW
	case HEADLINE_COUNT:
		break;
	}
}

void html_headline(struct html *h, const char *word_or_null)
{
	enum headline v = words_headline(word_or_null);
	span_of(h, v);
	html_raw_literal(h, "<span class=\"glyph\" aria-hidden=\"true\">");
	put_glyph(h, v);
	html_raw_literal(h, " </span>");
	html_cstr(h, headline_label(v));
	html_raw_literal(h, "</span>");
}

void html_sign(struct html *h, enum headline v)
{
	span_of(h, v);
	put_glyph(h, v);
	html_raw_literal(h, "</span>");
}

void html_legend(struct html *h)
{
	html_raw_literal(h, "<details class=\"legend\"><summary>What the signs mean</summary><dl>");
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		html_raw_literal(h, "<div><dt>");
		html_headline(h, headline_word((enum headline)i));
		html_raw_literal(h, "</dt><dd>");
		html_cstr(h, words_headline_sentence((enum headline)i));
		html_raw_literal(h, "</dd></div>");
	}
	html_raw_literal(h, "</dl></details>\n");
}

const char *html_family_of_target(const char *target)
{
	const char *platform = words_target_platform(target);
	if (strncmp(platform, "win", 3) == 0) {
		return "Windows";
	}
	return strncmp(platform, "musl", 4) == 0 ? "musl" : "glibc";
}

/* "glibc: 9 ready, 1 missing", for those who hear the strip. */
static void strip_label(struct buf *out, const char *family, const char *const *headlines, size_t n)
{
	int64_t counts[HEADLINE_COUNT] = {0};
	for (size_t i = 0; i < n; i++) {
		counts[words_headline(headlines[i])]++;
	}
	buf_add_text(out, family);
	const char *separator = ": ";
	for (size_t i = 0; i < HEADLINE_COUNT; i++) {
		if (counts[i] != 0) {
			buf_printf(out, "%s%lld %s", separator, (long long)counts[i],
				headline_label((enum headline)i));
			separator = ", ";
		}
	}
}

static void strip_group(
	struct html *h, const char *const *targets, const char *const *headlines, size_t n)
{
	struct buf label = {0};
	strip_label(&label, html_family_of_target(targets[0]), headlines, n);
	html_raw_literal(h, "<span class=\"group\" role=\"img\"");
	html_attr_str(h, "aria-label", buf_view(&label));
	html_attr_str(h, "title", buf_view(&label));
	html_raw_literal(h, ">");
	buf_finish(&label);
	for (size_t i = 0; i < n;) {
		enum headline v = words_headline(headlines[i]);
		span_of(h, v);
		for (; i < n && words_headline(headlines[i]) == v; i++) {
			put_glyph(h, v);
		}
		html_raw_literal(h, "</span>");
	}
	html_raw_literal(h, "</span>");
}

void html_strip(struct html *h, const char *const *targets, const char *const *headlines, size_t n)
{
	html_raw_literal(h, "<span class=\"strip\">");
	for (size_t from = 0; from < n;) {
		const char *family = html_family_of_target(targets[from]);
		size_t to = from;
		while (to < n && strcmp(html_family_of_target(targets[to]), family) == 0) {
			to++;
		}
		strip_group(h, targets + from, headlines + from, to - from);
		from = to;
	}
	html_raw_literal(h, "</span>");
}

void html_stages(struct html *h, const struct build_view *b)
{
	html_raw_literal(h, "<ol class=\"stages\">");
	for (size_t i = 0; i < STAGE_COUNT; i++) {
		const char *name = stage_name((enum stage)i);
		bool now = b->state == NULL && b->stage != NULL && strcmp(b->stage, name) == 0;
		if (now) {
			html_raw_literal(h, "<li class=\"now\" title=\"running\">\xE2\x80\xA6 ");
		} else if (b->stages[i].status == STAGE_STATUS_PASS) {
			html_raw_literal(h, "<li class=\"pass\" title=\"passed\">\xE2\x9C\x93 ");
		} else if (b->stages[i].status == STAGE_STATUS_FAIL) {
			html_raw_literal(h, "<li class=\"fail\" title=\"failed\">\xE2\x9C\x95 ");
		} else {
			html_raw_literal(h, "<li class=\"none\" title=\"did not run\">\xC2\xB7 ");
		}
		html_cstr(h, name);
		html_raw_literal(h, "</li>");
	}
	html_raw_literal(h, "</ol>");
}

bool html_build_failed(const struct build_view *b)
{
	return b->state != NULL && strcmp(b->state, "fail") == 0;
}

void html_result(struct html *h, const struct build_view *b)
{
	if (b->state == NULL) {
		html_raw_literal(h, "<span class=\"h-unknown\">\xE2\x80\xA6 ");
		html_cstr(h, words_job_state(b->job_state));
		html_raw_literal(h, "</span>");
	} else if (html_build_failed(b)) {
		html_raw_literal(h, "<span class=\"h-broken\">\xE2\x9C\x95 ");
		html_cstr(h, b->reason != NULL ? b->reason : "unknown");
		html_raw_literal(h, "</span>");
	} else if (b->proven) {
		html_raw_literal(h, "<span class=\"h-ready\">\xE2\x9C\x93 import passed</span>");
	} else if (tested_kind(b) != NULL) {
		html_raw_literal(h, "<span class=\"h-builds\">\xE2\x96\xB2 tested, unproven</span>");
	} else {
		html_raw_literal(h, "<span class=\"h-builds\">\xE2\x96\xB2 built, unproven</span>");
	}
}

void html_link_package(struct html *h, const char *name, const char *text_or_null)
{
	html_raw_literal(h, "<a href=\"/package/");
	html_url(h, name);
	html_raw_literal(h, "\">");
	html_cstr(h, text_or_null != NULL ? text_or_null : name);
	html_raw_literal(h, "</a>");
}

void html_link_job(struct html *h, int64_t job)
{
	char number[24];
	snprintf(number, sizeof(number), "%lld", (long long)job);
	html_raw_literal(h, "<a href=\"/job/");
	html_url(h, number);
	html_raw_literal(h, "\">job ");
	html_cstr(h, number);
	html_raw_literal(h, "</a>");
}

void html_change(struct html *h, const struct store_change *c)
{
	if (c->kind != CHANGE_NONE) {
		html_raw_literal(h, "<b>");
		html_cstr(h, change_kind_word(c->kind));
		html_raw_literal(h, "</b>: ");
	}
	html_headline(h, headline_word(c->was));
	html_raw_literal(h, " \xE2\x86\x92 ");
	html_headline(h, headline_word(c->became));
}

void html_targets(struct html *h, const char *const *targets, size_t n)
{
	struct buf all = {0};
	for (size_t i = 0; i < n; i++) {
		buf_printf(&all, "%s%s", i != 0 ? ", " : "", targets[i]);
	}
	html_raw_literal(h, "<span");
	html_attr_str(h, "title", buf_view(&all));
	html_raw_literal(h, ">");
	html_cstr(h, n != 0 ? targets[0] : NULL);
	if (n > 1) {
		html_format(h, " and %zu more", n - 1);
	}
	html_raw_literal(h, "</span>");
	buf_finish(&all);
}

void html_agent_state(struct html *h, const struct store_agent *a)
{
	static const char *const classes[] = {
		[STORE_AGENT_ACTIVE] = "h-ready",
		[STORE_AGENT_DRAINING] = "h-builds",
		[STORE_AGENT_QUARANTINED] = "h-broken",
		[STORE_AGENT_REVOKED] = "h-missing",
	};
	html_raw_literal(h, "<span");
	html_attr(h, "class", classes[a->state]);
	html_raw_literal(h, ">");
	html_cstr(h, a->state == STORE_AGENT_ACTIVE ? "\xE2\x97\x8F " : "\xE2\x96\xBC ");
	html_cstr(h, store_agent_state_word(a->state));
	html_raw_literal(h, "</span>");
	if (a->why != NULL) {
		html_raw_literal(h, "<br><small>");
		html_cstr(h, a->why);
		html_raw_literal(h, "</small>");
	}
}

static void add_words(struct html *h, struct str line)
{
	struct str word;
	const char *space = "";
	while (str_split(&line, ' ', &word)) {
		html_cstr(h, space);
		html_raw_literal(h, "<span>");
		html_text(h, word);
		html_raw_literal(h, "</span>");
		space = " ";
	}
}

void html_command(struct html *h, const char *format, ...)
{
	struct buf text = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&text, format, arguments);
	va_end(arguments);
	struct str rest = buf_view(&text);
	struct str line;
	html_raw_literal(h, "<pre class=\"command\">");
	while (str_split(&rest, '\n', &line)) {
		add_words(h, line);
		if (rest.n != 0) {
			html_raw_literal(h, "\n");
		}
	}
	html_raw_literal(h, "</pre>");
	buf_finish(&text);
}

void html_repeat(struct html *h, int64_t job)
{
	html_raw_literal(h, "<p>To repeat it save <a href=\"/job/");
	html_format(h, "%lld", (long long)job);
	html_raw_literal(h, "/spec\">the resolved job</a> as job-");
	html_format(h, "%lld", (long long)job);
	html_raw_literal(h, ".json, then:</p>");
	html_command(h,
		"echo '{\"workspace\": \"/tmp/job-%lld\"}' >agent.json\n"
		"wheelfarm-agent --job job-%lld.json --config agent.json",
		(long long)job, (long long)job);
}

/* Nothing is built for musl here, and other Pythons than the default one are scanned alone. */
static bool is_built_here(const struct page *p, const char *target)
{
	struct str name = str_from(target);
	struct str python = str_slice(name, 0, strcspn(target, "-"));
	return strcmp(html_family_of_target(target), "musl") != 0 &&
		(p->python == NULL || str_is(python, p->python));
}

void html_try(struct html *h, const struct page *p, const char *package, const char *target_or_null)
{
	const char *target = target_or_null != NULL ? target_or_null : "";
	bool windows = strcmp(html_family_of_target(target), "Windows") == 0;
	html_raw_literal(h, "<p>");
	html_cstr(h,
		is_built_here(p, target) ? "Build and test it on this machine, as it is:"
								 : "Build and test it for the nearest target that this farm builds "
								   "for, as it is:");
	html_raw_literal(h, "</p>");
	html_command(
		h, "wheelfarm recipe try %s --target %s", package, windows ? "win_arm64" : "aarch64");
}
