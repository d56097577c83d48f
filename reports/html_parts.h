/* Pieces that several pages have: times, headlines with glyph and word, the target strip, stages. */
#pragma once

#include "reports/page.h"
#include "reports/words.h"

/* <time>: absolute, with a relative hint; a dash for 0. */
void html_when(struct html *h, const struct page *p, int64_t wall_ms);
void html_day(struct html *h, int64_t wall_ms);
void html_day_short(struct html *h, int64_t wall_ms); /* "11-28": month and day */
void html_night(struct html *h, int64_t wall_ms); /* the day, with the whole time for programs */

/* "1.1 billion"; -1: "unknown". In a cell: on a phone, which has no heads, with its unit. */
void html_downloads(struct html *h, int64_t downloads);
/* What a number counts, for phones. */
void html_unit(struct html *h, const char *unit);
/* Text that one of words_… makes. */
void html_words(struct html *h, void (*words)(struct buf *, int64_t), int64_t value);
void html_seconds(struct html *h, double seconds);

/* Glyph and word, "● ready", in the headline's colour. */
void html_headline(struct html *h, const char *word_or_null);
void html_sign(struct html *h, enum headline v); /* the glyph alone, in its colour */
/* "vanished: ● ready → ▼ vanished": kind, if it has one, and both headlines. */
void html_change(struct html *h, const struct store_change *c);
/* "cp313-win_arm64 and 4 more", all of them as the title. */
void html_targets(struct html *h, const char *const *targets, size_t n);
/* The class of a headline's colour, "h-ready". A literal. */
const char *html_headline_class(enum headline v);
/* All nine with their meaning, for pages that show strips. */
void html_legend(struct html *h);

/* The target strip: one glyph a target, grouped by family; runs of the same headline are one
 * element. `targets` are names grouped as struct packages_view has them. */
void html_strip(struct html *h, const char *const *targets, const char *const *headlines, size_t n);
/* "Windows on ARM CPython 3.13", the Python small: a target as a heading. */
void html_target_name(struct html *h, const char *target);
/* "glibc", "musl", "Windows" of a target's name. */
const char *html_family_of_target(const char *target);

/* The nine stages in order, each with its status as sign and word. */
void html_stages(struct html *h, const struct build_view *b);
/* "✓ built, import passed (qemu)", "✕ build: compile_error", "… queued": a build's result in a cell. */
void html_result(struct html *h, const struct build_view *b);
bool html_build_failed(const struct build_view *b);

/* "● active", "▼ quarantined" with why below it. */
void html_agent_state(struct html *h, const struct store_agent *a);

/* A command, or one a line, to copy; on a narrow screen it breaks between its words, not within "--option". */
void html_command(struct html *h, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How somebody does the same build at home; how somebody tries a package for a target, or for the nearest
 * one that can be built. */
void html_try(
	struct html *h, const struct page *p, const char *package, const char *target_or_null);
void html_repeat(struct html *h, int64_t job);

/* Links, with the outside part escaped as address and as text. */
void html_link_package(struct html *h, const char *name, const char *text_or_null);
void html_link_job(struct html *h, int64_t job);
