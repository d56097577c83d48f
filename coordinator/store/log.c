#include "coordinator/store/log.h"

#include "core/io/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_MOST = 8 << 20 };

static bool is_packed(const struct log_location *where)
{
	return where->blob != NULL && where->sha256 != NULL && strcmp(where->blob, where->sha256) != 0;
}

static int open_log(const struct blob_store *blobs, const struct log_location *where)
{
	int fd = -1;
	if (where->blob != NULL) {
		char *path = blob_store_path(blobs, str_from(where->blob));
		fd = open(path, O_RDONLY | O_CLOEXEC);
		free(path);
	}
	if (fd < 0 && where->live != NULL) {
		fd = open(where->live, O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

int store_log_read(const struct blob_store *blobs, const struct log_location *where, int64_t from,
	int64_t to, struct buf *out, struct err *e)
{
	int fd = open_log(blobs, where);
	if (fd < 0) {
		return err_set(e, ERR_NOT_FOUND, "this job has no log (any more)");
	}
	int code = 0;
	if (is_packed(where)) {
		code =
			frames_read(fd, from, to < 0 || to - from > READ_MOST ? from + READ_MOST : to, out, e);
		close(fd);
		return code != 0 ? err_prefix(e, code, "log %s", where->blob) : 0;
	}
	int64_t most = to < 0 || to - from > READ_MOST ? READ_MOST : to - from;
	for (int64_t done = 0; done < most;) {
		char piece[65536];
		size_t wanted =
			most - done < (int64_t)sizeof(piece) ? (size_t)(most - done) : sizeof(piece);
		ssize_t n = pread(fd, piece, wanted, from + done);
		if (n < 0) {
			code = err_set(e, -errno, "log: %s", err_text(-errno));
		}
		if (n <= 0) {
			break;
		}
		buf_add(out, piece, (size_t)n);
		done += n;
	}
	close(fd);
	return code;
}

int64_t store_log_size(const struct blob_store *blobs, const struct log_location *where)
{
	int fd = open_log(blobs, where);
	struct stat st = {0};
	if (fd < 0) {
		return 0;
	}
	int64_t size = is_packed(where) ? where->size : fstat(fd, &st) == 0 ? (int64_t)st.st_size : 0;
	close(fd);
	return size;
}

int store_log_keep(struct blob_store *blobs, const char *text, const char *folder,
	char blob[static SHA256_HEX], struct err *e)
{
	char *temporary = str_format("%s/log-XXXXXX.pack", folder);
	int from = open(text, O_RDONLY | O_CLOEXEC);
	int to = mkostemps(temporary, (int)strlen(".pack"), O_CLOEXEC);
	int code = 0;
	if (from < 0 || to < 0) {
		code = err_set(e, -errno, "log %s: %s", from < 0 ? text : temporary, err_text(-errno));
	}
	if (code == 0) {
		code = frames_pack(from, to, e);
		code = code != 0 ? err_prefix(e, code, "log %s", text) : 0;
	}
	if (code == 0) {
		code = sha256_of_file(temporary, blob, NULL, e);
	}
	if (code == 0) {
		code = blob_store_add_file(blobs, temporary, str_from(blob), true, e);
	}
	if (code != 0 && to >= 0) {
		unlink(temporary);
	}
	if (from >= 0) {
		close(from);
	}
	if (to >= 0) {
		close(to);
	}
	free(temporary);
	return code;
}

char *store_log_live_path(const char *live_folder, int64_t job, int64_t attempt)
{
	return str_format("%s/%lld-%lld.log", live_folder, (long long)job, (long long)attempt);
}

char *store_log_live_folder(const char *database)
{
	ptrdiff_t slash = str_find_last(str_from(database), '/');
	return slash < 0 ? str_format("live") : str_format("%.*s/live", (int)slash, database);
}
