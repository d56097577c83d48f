#include "agent/job_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int job_log_open(struct job_log *l, const char *path, struct err *e)
{
	*l = (struct job_log){.path = str_dup(str_from(path))};
	l->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (l->fd < 0) {
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	}
	return 0;
}

void job_log_close(struct job_log *l)
{
	if (l->path != NULL && l->fd >= 0) {
		close(l->fd);
	}
	free(l->path);
	*l = (struct job_log){.fd = -1};
}

void job_log_add(struct job_log *l, struct str bytes)
{
	while (bytes.n != 0 && l->fault == 0) {
		ssize_t n = pwrite(l->fd, bytes.p, bytes.n, (off_t)l->size);
		if (n < 0) {
			if (errno != EINTR) {
				l->fault = -errno;
			}
			continue;
		}
		l->size += (uint64_t)n;
		bytes = str_slice(bytes, (size_t)n, bytes.n);
	}
}

void job_log_addf(struct job_log *l, const char *format, ...)
{
	struct buf line = {0};
	va_list arguments;
	va_start(arguments, format);
	buf_vprintf(&line, format, arguments);
	va_end(arguments);
	job_log_add(l, buf_view(&line));
	buf_finish(&line);
}

int job_log_read(
	const struct job_log *l, uint64_t from, size_t limit, struct buf *out, struct err *e)
{
	if (from >= l->size) {
		return 0;
	}
	size_t want = l->size - from < limit ? (size_t)(l->size - from) : limit;
	buf_reserve(out, want);
	while (want != 0) {
		char piece[16384];
		ssize_t n = pread(l->fd, piece, want < sizeof(piece) ? want : sizeof(piece), (off_t)from);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return err_set(e, n < 0 ? -errno : ERR_CORRUPT, "%s: %s", l->path,
				n < 0 ? strerror(errno) : "shorter than written");
		}
		buf_add(out, piece, (size_t)n);
		from += (uint64_t)n;
		want -= (size_t)n;
	}
	return 0;
}
