/* Checks that the readers of jobs and results share: what a text member of a message may hold. Each
 * is 0, or ERR_INVALID with a sentence that starts with `path`. */
#pragma once

#include "core/farm_protocol/job.h"

/* The longest of any short text: names, versions, hashes' labels. */
enum { CHECK_TEXT = 512 };

/* Not empty, at most CHECK_TEXT bytes, no control characters. */
int check_text(const char *path, const char *value, struct err *e);
/* One of `words`, which ends with NULL. */
int check_word(const char *path, const char *value, const char *const *words, struct err *e);
/* 64 lower-case hex digits. */
/* "cross", "native", "emulated". */
int check_mode(const char *path, const char *value, struct err *e);
int check_sha256(const char *path, const char *value, struct err *e);
/* A plain file name: [A-Za-z0-9._+-], at most 255 bytes, not starting with '.' or '-'. '!' is let
 * pass too, as an epoch has it. */
int check_filename(const char *path, const char *value, struct err *e);
int check_range(const char *path, int64_t value, int64_t low, int64_t high, struct err *e);

/* All that job_read checks beyond the types; a job inside a lease goes through it too. */
int job_check(const struct job *job, struct err *e);
