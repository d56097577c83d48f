#include "core/io/blob_sweep.h"

#include "core/base/mem.h"
#include "core/io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char dead[] = "dead-";

static int64_t changed_ms(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
}

/* Each plain file of a folder; one that is not there has none. */
static int each_file(const char *path,
	bool (*one)(void *user, int folder, const char *name, const struct stat *st), void *user,
	struct err *e)
{
	DIR *d = opendir(path);
	if (d == NULL) {
		return errno == ENOENT ? 0 : err_set(e, -errno, "%s: %s", path, err_text(-errno));
	}
	bool more = true;
	for (struct dirent *entry; more && (entry = readdir(d)) != NULL;) {
		struct stat st;
		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(st.st_mode)) {
			more = one(user, dirfd(d), entry->d_name, &st);
		}
	}
	closedir(d);
	return 0;
}

static char *folder_path(const struct blob_store *s, unsigned folder)
{
	return str_format("%s/%02x", s->folder, folder);
}

/* --- looking --- */

struct looking {
	unsigned folder;
	bool (*found)(void *user, const struct blob_found *blob);
	void *user;
};

static bool look(void *user, int folder, const char *name, const struct stat *st)
{
	struct looking *l = user;
	struct blob_found blob = {.size = (uint64_t)st->st_size, .changed = changed_ms(st)};
	snprintf(blob.hex, sizeof(blob.hex), "%02x%s", l->folder, name);
	/* a file of somebody else's is left alone */
	return strlen(name) != SHA256_HEX - 3 || !sha256_hex_valid(str_from(blob.hex)) ||
		l->found(l->user, &blob);
}

int blob_sweep_folder(const struct blob_store *s, unsigned folder,
	bool (*found)(void *user, const struct blob_found *blob), void *user, struct err *e)
{
	struct looking l = {.folder = folder, .found = found, .user = user};
	char *path = folder_path(s, folder);
	int code = each_file(path, look, &l, e);
	free(path);
	return code;
}

/* --- taking away --- */

bool blob_sweep_retire(const struct blob_store *s, struct str hex, int64_t before)
{
	char *path = blob_store_path(s, hex);
	char *grave = str_format("%s/partial/%s%.*s", s->folder, dead, STR_ARG(hex));
	struct stat st;
	bool done = stat(path, &st) == 0 && S_ISREG(st.st_mode) && changed_ms(&st) < before &&
		rename(path, grave) == 0;
	free(grave);
	free(path);
	return done;
}

struct clearing {
	int64_t before;
	size_t *files;
	uint64_t *bytes;
};

/* An upload is locked while a piece is added (blob_partial.c). */
static bool is_free(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool got = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (fd >= 0) {
		close(fd);
	}
	return got;
}

static bool clear(void *user, int folder, const char *name, const struct stat *st)
{
	struct clearing *c = user;
	bool goes =
		str_starts(str_from(name), dead) || (changed_ms(st) < c->before && is_free(folder, name));
	if (goes && unlinkat(folder, name, 0) == 0) {
		*c->files += 1;
		*c->bytes += (uint64_t)st->st_size;
	}
	return true;
}

int blob_sweep_partial(
	const struct blob_store *s, int64_t before, size_t *files, uint64_t *bytes, struct err *e)
{
	struct clearing c = {.before = before, .files = files, .bytes = bytes};
	char *path = file_join(s->folder, "partial");
	int code = each_file(path, clear, &c, e);
	free(path);
	return code;
}

/* --- how much there is --- */

static bool count_blob(void *user, const struct blob_found *blob)
{
	struct blob_usage *u = user;
	u->files++;
	u->bytes += blob->size;
	return true;
}

static bool count_partial(void *user, int folder, const char *name, const struct stat *st)
{
	struct blob_usage *u = user;
	u->partial_files++;
	u->partial_bytes += (uint64_t)st->st_size;
	return true;
}

int blob_usage(const struct blob_store *s, struct blob_usage *out, struct err *e)
{
	*out = (struct blob_usage){0};
	int code = 0;
	for (unsigned i = 0; code == 0 && i < BLOB_FOLDERS; i++) {
		code = blob_sweep_folder(s, i, count_blob, out, e);
	}
	if (code == 0) {
		char *path = file_join(s->folder, "partial");
		code = each_file(path, count_partial, out, e);
		free(path);
	}
	return code;
}
