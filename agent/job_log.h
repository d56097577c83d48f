/* A job's log: a file that grows, whose byte ranges belong to stages. */
#pragma once

#include "core/base/str.h"

struct job_log {
	char *path;
	int fd;
	uint64_t size;
	int fault; /* sticky: the first write that failed, negative errno; 0 */
};

/* Makes the file anew; it must not be there. */
int job_log_open(struct job_log *l, const char *path, struct err *e);
void job_log_close(struct job_log *l); /* the file stays; a zeroed log is fine */
void job_log_add(struct job_log *l, struct str bytes);
void job_log_addf(struct job_log *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Bytes [from, from + limit) as far as they are there, appended to out. */
int job_log_read(
	const struct job_log *l, uint64_t from, size_t limit, struct buf *out, struct err *e);
