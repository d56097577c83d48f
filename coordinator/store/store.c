#include "coordinator/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct store {
	struct sql_db *sql;
};

int store_open(const char *path, enum store_mode mode, struct store **out, struct err *e)
{
	*out = NULL;
	if (mode == STORE_READ && access(path, F_OK) != 0) {
		return err_set(e, ERR_NOT_FOUND, "%s: no database yet (wheelfarm scan makes one)", path);
	}
	struct sql_db *sql = NULL;
	int code = sql_open(path, mode == STORE_WRITE ? SQL_WRITE : SQL_READ, &sql, e);
	if (code < 0) {
		return code;
	}
	*out = MEM_NEW(struct store);
	(*out)->sql = sql;
	return 0;
}

void store_close(struct store *s)
{
	if (s == NULL) {
		return;
	}
	sql_close(s->sql);
	free(s);
}

struct sql_db *store_sql(struct store *s)
{
	return s->sql;
}

int store_read_begin(struct store *s, struct err *e)
{
	return sql_run(s->sql, "BEGIN", e);
}

void store_read_end(struct store *s)
{
	sql_run(s->sql, "COMMIT", NULL);
}

int store_lock_take(const char *database, struct store_lock *out, struct err *e)
{
	char *path = str_format("%s.lock", database);
	int code = 0;
	out->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (out->fd < 0) {
		code = err_set(e, -errno, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (flock(out->fd, LOCK_EX | LOCK_NB) != 0) {
		char pid[32] = "";
		ssize_t n = pread(out->fd, pid, sizeof(pid) - 1, 0);
		pid[n > 0 ? n : 0] = '\0';
		code = err_set(e, ERR_BUSY, "%s is in use by process %s", database,
			pid[0] != '\0' ? pid : "(unknown)");
		close(out->fd);
		out->fd = -1;
		goto out;
	}
	char pid[32];
	int n = snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	if (ftruncate(out->fd, 0) != 0 || pwrite(out->fd, pid, (size_t)n, 0) != n) {
		code = err_set(e, -errno, "%s: %s", path, strerror(errno));
		close(out->fd);
		out->fd = -1;
	}
out:
	free(path);
	return code;
}

void store_lock_drop(struct store_lock *l)
{
	if (l->fd >= 0) {
		close(l->fd);
		l->fd = -1;
	}
}
