#define OPENSSL_API_COMPAT 10101 /* core/io/sha256_linux.c says why */

#include "recipes/tree.h"

#include "core/base/mem.h"
#include "core/io/file.h"
#include "recipes/git.h"

#include <limits.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OBJECT_FILE_LIMIT = 64 << 20 };

/* Everything that differs from HEAD inside the folder: edited, added, deleted, or not yet known. */
static bool is_dirty(git_repository *repository, const char *folder)
{
	const char *root = git()->repository_workdir(repository);
	char *real_root = root != NULL ? realpath(root, NULL) : NULL;
	char *real = realpath(folder, NULL);
	git_status_list *list = NULL;
	bool dirty = true; /* what cannot be asked is not called clean */
	if (real_root == NULL || real == NULL) {
		goto out;
	}
	size_t n = strlen(real_root);
	char *inside = strncmp(real, real_root, n) == 0 ? real + n : real;
	while (*inside == '/') {
		inside++;
	}
	git_status_options options = GIT_STATUS_OPTIONS_INIT;
	options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
	options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
		GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH;
	if (*inside != '\0') {
		options.pathspec.strings = &inside;
		options.pathspec.count = 1;
	}
	if (git()->status_list_new(&list, repository, &options) == 0) {
		dirty = git()->status_list_entrycount(list) != 0;
	}
out:
	git()->status_list_free(list);
	free(real_root);
	free(real);
	return dirty;
}

int recipe_tree_open(const char *folder, struct recipe_tree *out, struct err *e)
{
	*out = (struct recipe_tree){0};
	char *targets = file_join(folder, "targets");
	struct stat st;
	bool there = stat(targets, &st) == 0 && S_ISDIR(st.st_mode);
	free(targets);
	if (!there) {
		return err_set(e, ERR_NOT_FOUND, "%s: is no recipe tree (it has no targets/)", folder);
	}
	out->folder = str_dup(str_from(folder));
	git()->libgit2_init();
	/* Only ids and states are read, nothing of the repository is ever run, so that whose files they
	 * are does not matter; a container often has them of another user. */
	git()->libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	git_repository *repository = NULL;
	git_oid head;
	if (git()->repository_open_ext(&repository, folder, 0, NULL) == 0 &&
		git()->reference_name_to_id(&head, repository, "HEAD") == 0) {
		git()->oid_tostr(out->commit, sizeof(out->commit), &head);
		out->dirty = is_dirty(repository, folder);
	}
	git()->repository_free(repository);
	git()->libgit2_shutdown();
	return 0;
}

void recipe_tree_finish(struct recipe_tree *t)
{
	free(t->folder);
	*t = (struct recipe_tree){0};
}

/* SHA-1 of "blob SIZE", a zero byte and the bytes: written out here, as libgit2 would have to be
 * started and stopped around each file. */
void tree_object_of(struct str bytes, char out[static TREE_OBJECT])
{
	static const char digits[] = "0123456789abcdef";
	char head[40];
	int n = snprintf(head, sizeof(head), "blob %zu", bytes.n) + 1;
	unsigned char digest[SHA_DIGEST_LENGTH];
	SHA_CTX h;
	_Static_assert(sizeof(digest) * 2 + 1 == TREE_OBJECT, "an object's name is its SHA-1");
	if (SHA1_Init(&h) != 1 || SHA1_Update(&h, head, (size_t)n) != 1 ||
		SHA1_Update(&h, bytes.n != 0 ? bytes.p : "", bytes.n) != 1 || SHA1_Final(digest, &h) != 1) {
		mem_bug("libcrypto could not hash %zu bytes", bytes.n);
	}
	for (size_t i = 0; i < sizeof(digest); i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
	out[TREE_OBJECT - 1] = '\0';
}

int tree_object_of_file(const char *path, char out[static TREE_OBJECT], struct err *e)
{
	struct buf bytes = {0};
	int code = file_read(path, OBJECT_FILE_LIMIT, &bytes, e);
	if (code == 0) {
		tree_object_of(buf_view(&bytes), out);
	}
	buf_finish(&bytes);
	return code;
}

static char *beside_program(void)
{
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (n <= 0) {
		return NULL;
	}
	ptrdiff_t slash = str_find_last((struct str){program, (size_t)n}, '/');
	char *folder = str_format("%.*s/../recipes", (int)(slash > 0 ? slash : 0), program);
	char *targets = file_join(folder, "targets");
	char *real = access(targets, R_OK) == 0 ? realpath(folder, NULL) : NULL;
	free(targets);
	free(folder);
	return real;
}

char *recipe_tree_default(void)
{
	const char *given = getenv("WHEELFARM_RECIPES");
	if (given != NULL && given[0] != '\0') {
		return str_dup(str_from(given));
	}
	char *beside = beside_program();
	return beside != NULL ? beside : str_dup(STR(RECIPES_FOLDER));
}
