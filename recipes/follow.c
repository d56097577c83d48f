#include "recipes/follow.h"

#include "core/io/file.h"
#include "recipes/git.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FETCHED "refs/wheelfarm/head"
enum { FILES_AT_ONCE = 16 };

static int git_failed(struct err *e, int code, const char *url)
{
	const git_error *why = git()->error_last();
	return err_set(e, code, "%s: %s", url, why != NULL ? why->message : "git failed");
}

static int open_repository(const char *folder, git_repository **out, struct err *e)
{
	char *path = file_join(folder, "repository.git");
	int code = file_make_folders(folder, e);
	if (code == 0 && git()->repository_open_bare(out, path) != 0 &&
		git()->repository_init(out, path, 1) != 0) {
		code = git_failed(e, ERR_INVALID, path);
	}
	free(path);
	return code;
}

static int fetch_head(git_repository *repository, const char *url, struct err *e)
{
	git_remote *remote = NULL;
	char *refs[] = {"+HEAD:" FETCHED};
	const git_strarray list = {refs, 1};
	git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
	options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
	int code = 0;
	if (git()->remote_create_anonymous(&remote, repository, url) != 0 ||
		git()->remote_fetch(remote, &list, &options, NULL) != 0) {
		code = git_failed(e, ERR_NETWORK, url);
	}
	git()->remote_free(remote);
	return code;
}

/* nftw tells no more than a path, so what it found stops the walk by its answer. */
static int is_odd(const char *path, const struct stat *st, int kind, struct FTW *place)
{
	return S_ISDIR(st->st_mode) || S_ISREG(st->st_mode) ? 0 : 1;
}

char *follow_tree(const char *folder, const char *commit)
{
	char *top = str_format("%s/trees/%s", folder, commit);
	char *below = file_join(top, "recipes");
	char *targets = file_join(below, "targets");
	bool deeper = access(targets, R_OK) == 0;
	free(targets);
	free(deeper ? top : below);
	return deeper ? below : top;
}

/* To FOLDER/trees/COMMIT, whole or not at all. */
static int unpack(git_repository *repository, const git_oid *id, const char *url,
	const char *folder, const char *commit, struct err *e)
{
	char *to = str_format("%s/trees/%s", folder, commit);
	char *fresh = str_format("%s/trees/new", folder);
	char *trees = file_join(folder, "trees");
	git_object *object = NULL;
	git_checkout_options options = GIT_CHECKOUT_OPTIONS_INIT;
	options.checkout_strategy = GIT_CHECKOUT_FORCE;
	options.disable_filters = 1;
	options.target_directory = fresh;
	int code = 0;
	if (access(to, F_OK) == 0) {
		goto out;
	}
	(void)file_remove_tree(fresh, NULL);
	code = file_make_folders(trees, e);
	if (code == 0 && mkdir(fresh, 0755) != 0) {
		code = err_set(e, ERR_INVALID, "%s cannot be made", fresh);
	}
	if (code == 0 &&
		(git()->object_lookup(&object, repository, id, GIT_OBJECT_COMMIT) != 0 ||
			git()->checkout_tree(repository, object, &options) != 0)) {
		code = git_failed(e, ERR_INVALID, url);
	}
	if (code == 0 && nftw(fresh, is_odd, FILES_AT_ONCE, FTW_PHYS) != 0) {
		code = err_set(e, ERR_INVALID, "%s: commit %.12s holds a link or worse", url, commit);
	}
	if (code == 0 && rename(fresh, to) != 0) {
		code = err_set(e, ERR_INVALID, "%s cannot be made", to);
	}
	if (code != 0) {
		(void)file_remove_tree(fresh, NULL);
	}
	git()->object_free(object);
out:
	free(to);
	free(fresh);
	free(trees);
	return code;
}

int follow_fetch(
	const char *url, const char *folder, char commit[static FOLLOW_COMMIT], struct err *e)
{
	git_repository *repository = NULL;
	git_oid id;
	git()->libgit2_init();
	/* nothing of a repository is run here, so whose files they are does not matter */
	git()->libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	int code = open_repository(folder, &repository, e);
	if (code == 0) {
		code = fetch_head(repository, url, e);
	}
	if (code == 0 && git()->reference_name_to_id(&id, repository, FETCHED) != 0) {
		code = git_failed(e, ERR_INVALID, url);
	}
	if (code == 0) {
		git()->oid_tostr(commit, FOLLOW_COMMIT, &id);
		code = unpack(repository, &id, url, folder, commit, e);
	}
	git()->repository_free(repository);
	git()->libgit2_shutdown();
	return code;
}

void follow_current(const char *folder, char commit[static FOLLOW_COMMIT])
{
	struct buf text = {0};
	char *path = file_join(folder, "current");
	commit[0] = '\0';
	if (file_read(path, FOLLOW_COMMIT, &text, NULL) == 0 && text.n == FOLLOW_COMMIT - 1 &&
		strspn(text.p, "0123456789abcdef") == text.n) {
		memcpy(commit, text.p, text.n);
		commit[text.n] = '\0';
		char *tree = str_format("%s/trees/%s", folder, commit);
		if (access(tree, R_OK) != 0) {
			commit[0] = '\0';
		}
		free(tree);
	}
	free(path);
	buf_finish(&text);
}

int follow_use(const char *folder, const char *commit, struct err *e)
{
	char *path = file_join(folder, "current");
	int code = file_write_atomic(path, str_from(commit), e);
	free(path);
	char *trees = file_join(folder, "trees");
	DIR *dir = code == 0 ? opendir(trees) : NULL;
	for (struct dirent *entry = dir != NULL ? readdir(dir) : NULL; entry != NULL;
		 entry = readdir(dir)) {
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, commit) != 0) {
			char *old = file_join(trees, entry->d_name);
			(void)file_remove_tree(old, NULL);
			free(old);
		}
	}
	if (dir != NULL) {
		closedir(dir);
	}
	free(trees);
	return code;
}
