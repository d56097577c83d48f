/* What a recipe changes in an unpacked source tree and takes of it: its patches, and the tests that are to lie alone. Children in
 * a sandbox of their own, so that they need no program of the system's. */
#include "agent/stage_child.h"
#include "agent/tree.h"
#include "core/base/vec.h"
#include "core/io/file.h"
#include "core/io/patch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATCH_BYTES = 64 << 20, SOURCE_BYTES = 256 << 20 };

/* Who is to blame: the recipe, if it is not the disk. */
static int failed(int code, enum reason reason, const char *what, const struct err *e)
{
	return stage_child_fail(reason_unless_full(code, reason), "%s: %s", what, e->text);
}

/* The folder that `path` lies in is made. */
static int make_parent(const char *path, struct err *e)
{
	ptrdiff_t slash = str_find_last(str_from(path), '/');
	char *folder = str_dup(str_slice(str_from(path), 0, slash > 0 ? (size_t)slash : 0));
	int code = folder[0] != '\0' ? file_make_folders(folder, e) : 0;
	free(folder);
	return code;
}

/* 1: a plain file; 0: nothing there; else what is there is no plain file. */
static int is_file(const char *path)
{
	struct stat st;
	if (lstat(path, &st) != 0) {
		return 0;
	}
	return S_ISREG(st.st_mode) ? 1 : ERR_INVALID;
}

/* --- patches --- */

/* A file as it will be: nothing is written before all of the patch fits. */
struct change {
	char *path;
	struct buf bytes;
	bool exists;
	bool executable;
};

struct changes {
	const char *folder;
	VEC(struct change) all;
};

/* As it is so far: what this patch made of it, else what lies there. */
static int find_change(struct changes *c, struct str name, struct change **out, struct err *e)
{
	char *path = str_format("%s/%.*s", c->folder, STR_ARG(name));
	VEC_EACH (struct change, one, &c->all) {
		if (strcmp(one->path, path) == 0) {
			*out = one;
			free(path);
			return 0;
		}
	}
	int there = is_file(path);
	if (there < 0) {
		free(path);
		return err_set(e, there, "%.*s: not a plain file", STR_ARG(name));
	}
	*out = vec_add(&c->all);
	(*out)->path = path;
	(*out)->exists = there == 1;
	return there == 1 ? file_read(path, SOURCE_BYTES, &(*out)->bytes, e) : 0;
}

/* The file that is meant: by its new name, if it is there, else by its old one. */
static int find_file(struct changes *c, const struct patch_file *file, unsigned strip,
	struct change **out, struct err *e)
{
	const struct str written[] = {file->to, file->from};
	for (size_t i = 0; i < 2; i++) {
		if (written[i].n == 0) {
			continue; /* new, or removed */
		}
		struct str name = patch_strip(written[i], strip);
		if (name.n == 0) {
			return err_set(e, ERR_DENIED, "%.*s: not a name in the source tree (strip: %u)",
				STR_ARG(written[i]), strip);
		}
		int code = find_change(c, name, out, e);
		if (code != 0 || (*out)->exists || file->from.n == 0) {
			return code;
		}
	}
	return err_set(e, ERR_NOT_FOUND, "%.*s: not in the source tree",
		STR_ARG(file->to.n != 0 ? file->to : file->from));
}

static int change_file(
	struct changes *c, const struct patch_file *file, unsigned strip, struct err *e)
{
	struct change *change = NULL;
	int code = find_file(c, file, strip, &change, e);
	if (code != 0) {
		return code;
	}
	const char *name = change->path + strlen(c->folder) + 1;
	if (file->from.n == 0 && change->exists && change->bytes.n != 0) {
		return err_set(e, ERR_CONFLICT, "%s: is there already", name);
	}
	struct buf made = {0};
	code = patch_apply(file, buf_view(&change->bytes), &made, e);
	if (code != 0) {
		err_prefix(e, code, "%s", name);
	} else if (file->to.n == 0 && made.n != 0) {
		code = err_set(e, ERR_CONFLICT, "%s: is to be removed and has other lines", name);
	}
	buf_finish(&change->bytes);
	change->bytes = made;
	change->exists = file->to.n != 0;
	change->executable = change->executable || file->executable;
	return code;
}

static int write_change(const struct change *change, struct err *e)
{
	if (!change->exists) {
		return unlink(change->path) == 0 || errno == ENOENT
			? 0
			: err_set(e, -errno, "%s: %s", change->path, strerror(errno));
	}
	int code = make_parent(change->path, e);
	if (code == 0) {
		code = tree_write(change->path, buf_view(&change->bytes), 0644, e);
	}
	if (code == 0 && change->executable && fchmodat(AT_FDCWD, change->path, 0755, 0) != 0) {
		code = err_set(e, -errno, "%s: %s", change->path, strerror(errno));
	}
	return code;
}

int stage_child_patch(int argc, char **argv)
{
	struct changes changes = {.folder = argv[1]};
	struct buf text = {0};
	struct err e = {0};
	struct patch_file file;
	size_t count = 0;
	unsigned strip = (unsigned)strtoul(argv[2], NULL, 10);
	int code = file_read(argv[0], PATCH_BYTES, &text, &e);
	for (struct str rest = buf_view(&text); code == 0; count++) {
		code = patch_next(&rest, &file, &e);
		if (code <= 0) {
			break;
		}
		code = change_file(&changes, &file, strip, &e);
	}
	if (code == 0 && count == 0) {
		code = err_set(&e, ERR_INVALID, "no file is changed by it");
	}
	VEC_EACH (struct change, change, &changes.all) {
		code = code == 0 ? write_change(change, &e) : code;
		free(change->path);
		buf_finish(&change->bytes);
	}
	vec_finish(&changes.all);
	buf_finish(&text);
	return code == 0 ? 0 : failed(code, REASON_CODE_PATCH_REJECTED, argv[3], &e);
}

/* --- tests --- */

/* The build, which has written there, may have put a link that leads elsewhere. */
static bool leads_through_link(const char *from, struct str name)
{
	struct str rest = name;
	bool found = false;
	for (struct str part; str_split(&rest, '/', &part) && rest.n != 0 && !found;) {
		struct stat st;
		char *path = str_format("%s/%.*s", from, (int)(part.p + part.n - name.p), name.p);
		found = lstat(path, &st) == 0 && !S_ISDIR(st.st_mode);
		free(path);
	}
	return found;
}

static int copy_source(const char *from, const char *to, const char *name, struct err *e)
{
	struct str wanted = str_from(name);
	while (str_ends(wanted, "/")) {
		wanted.n--;
	}
	if (patch_strip(wanted, 0).n == 0 || leads_through_link(from, wanted)) {
		return err_set(e, ERR_DENIED, "%s: not a name in the source tree", name);
	}
	char *source = str_format("%s/%.*s", from, STR_ARG(wanted));
	char *copy = str_format("%s/%.*s", to, STR_ARG(wanted));
	struct stat st;
	int code = make_parent(copy, e);
	if (code == 0 && lstat(source, &st) != 0) {
		code = err_set(e, -errno, "%s: %s", name, strerror(errno));
	} else if (code == 0 && S_ISDIR(st.st_mode)) {
		code = file_make_folders(copy, e);
	}
	code = code != 0 ? code : tree_copy(source, copy, -1, e);
	free(copy);
	free(source);
	return code;
}

int stage_child_tests(int argc, char **argv)
{
	struct err e = {0};
	for (int i = 2; i < argc; i++) {
		int code = copy_source(argv[0], argv[1], argv[i], &e);
		if (code != 0) {
			return failed(code, REASON_CODE_RECIPE_INVALID, "test.sources", &e);
		}
	}
	return 0;
}
