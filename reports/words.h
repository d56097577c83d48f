/* How facts are said to people: dates, sizes, names of targets. Shared by pages and terminal. */
#pragma once

#include "coordinator/store/headline.h"
#include "coordinator/store/view.h"

/* "2026-11-22 23:58 UTC"; "2026-11-22" for a date alone. Nothing for 0. */
void words_time(struct buf *out, int64_t wall_ms);
void words_date(struct buf *out, int64_t wall_ms);
/* "just now", "3 hours ago", "2 days ago", "5 months ago", "in 2 hours". */
void words_ago(struct buf *out, int64_t wall_ms, int64_t now);
/* "850 ms", "4.2 s", "3 min 12 s", "2 h 5 min". */
void words_seconds(struct buf *out, double seconds);
/* "512 bytes", "31.4 KiB", "1.2 GiB". */
void words_bytes(struct buf *out, int64_t bytes);
/* "1.1 billion", "23.4 million", "15,000". */
void words_count(struct buf *out, int64_t count);

/* "Linux aarch64, glibc 2.28+", "Linux aarch64, musl 1.2+", "Windows on ARM" of a platform tag; the
 * tag itself if it is of another kind. */
void words_platform(struct buf *out, const char *platform);
/* "CPython 3.14t" of a target's name; nothing if it has no such part. */
void words_python(struct buf *out, const char *target);
/* "Linux ARM64", "musl ARM64", "Windows ARM64": the shortest that says it. */
const char *words_family(const char *target);
/* The platform part of a target's name, behind the first '-'. */
const char *words_target_platform(const char *target);

/* A headline word that the database holds; an unknown word or NULL is HEADLINE_UNKNOWN. */
enum headline words_headline(const char *word_or_null);
/* What a headline means, one sentence for people who never saw it. */
const char *words_headline_sentence(enum headline h);
/* The sentence of a reason code, the code itself if nobody knows it; "" for NULL. */
const char *words_reason(const char *code_or_null);
/* "running" of a job that is leased, else its state as it is. */
const char *words_job_state(const char *state_or_null);
/* "the package", "the toolchain", … of an owner's name. */
const char *words_owner(const char *owner_or_null);
