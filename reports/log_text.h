/* A job's log as a page shows it: lines with numbers, cut in pieces that fit a page. */
#pragma once

#include "coordinator/store/view.h"

/* The bytes of a log that a page was given. `text` starts at the log's first byte; a log beyond what
 * the reader loads is cut at the end and `size` tells the whole. */
struct job_log {
	struct str text;
	int64_t size; /* of the whole log, bytes */
	struct str find; /* lines that have it are listed first; empty: nobody looks for anything */
	const char *problem; /* why there is no text, or NULL */
};

/* One run of lines that is shown. Numbers start at 1 at the log's first line. */
struct log_run {
	int64_t first_line;
	int64_t line_count;
	size_t from; /* bytes in text */
	size_t to;
	int64_t left_out; /* lines between this run and the one before it (or the part's start) */
};

enum { LOG_RUNS = 3 };

/* A stage's part of the log. The shown runs are its head, the lines around the evidence, its tail;
 * they never overlap and are in order. */
struct log_part {
	struct log_run runs[LOG_RUNS];
	size_t run_count;
	int64_t first_line;
	int64_t line_count;
	int64_t left_out_after; /* lines behind the last run */
	int64_t mark; /* number of the evidence line, 0: none */
};

/* Cuts text[from, to) into at most `lines` shown lines. `evidence` (empty: none) is looked for as a
 * whole line first, then as a part of one. */
void log_part_cut(struct log_part *out, struct str text, size_t from, size_t to,
	struct str evidence, int64_t lines);

/* The bytes of lines [from, to] (from 1, both included; to 0: the last); a view onto text. */
struct str log_lines(struct str text, int64_t from, int64_t to);
