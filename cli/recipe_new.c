#include "cli/agent_program.h"
#include "cli/main.h"
#include "cli/recipe_parts.h"
#include "core/io/archive.h"
#include "core/io/file.h"
#include "core/pep/name.h"
#include "recipes/draft.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The agent's own fetch, which checks size and hash; what it says goes to stderr. */
static int fetch(const struct job_file *source, const char *to, struct err *e)
{
	char size[32];
	char *program = agent_program();
	snprintf(size, sizeof(size), "%lld", (long long)source->size);
	const char *arguments[] = {
		program, "--stage", "fetch", source->url, source->sha256, size, to, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	pid_t pid;
	int status = 0;
	int code = posix_spawn(&pid, program, &actions, NULL, (char **)arguments, environ);
	if (code != 0) {
		code = err_set(e, -code, "%s: %s", program, strerror(code));
	} else if (waitpid(pid, &status, 0) < 0 || status != 0) {
		code = err_set(e, ERR_NETWORK, "%s could not be fetched", source->filename);
	}
	posix_spawn_file_actions_destroy(&actions);
	free(program);
	return code;
}

/* Brings the sdist to FOLDER/source and unpacks it; *top is the folder with the files. */
static int unpack(const struct try_plan *plan, const char *folder, char **top, struct err *e)
{
	const struct job_file *source = &plan->job.job.source;
	char *into = file_join(folder, "source");
	char *archive = source->url != NULL ? file_join(folder, source->filename)
										: blob_store_path(&plan->blobs, str_from(source->sha256));
	char *name = NULL;
	int code = file_make_folders(into, e);
	if (code == 0 && source->url != NULL) {
		code = fetch(source, archive, e);
	}
	if (code == 0) {
		code = archive_unpack(archive, into, NULL, &name, e);
	}
	if (code == 0) {
		*top = name != NULL && name[0] != '\0' ? file_join(into, name) : str_dup(str_from(into));
	}
	free(name);
	free(archive);
	free(into);
	return code;
}

static int write_draft(
	const struct try_asked *asked, const char *name, const char *path, struct err *e)
{
	char folder[] = "/tmp/wheelfarm-new-XXXXXX";
	struct try_plan plan = {0};
	struct buf text = {0};
	char *top = NULL;
	if (mkdtemp(folder) == NULL) {
		return err_set(e, ERR_INVALID, "no folder can be made in /tmp");
	}
	int code = try_plan(asked, folder, &plan, e);
	if (code == 0) {
		code = unpack(&plan, folder, &top, e);
	}
	if (code == 0) {
		const struct draft draft = {.name = name, .folder = top};
		draft_write(&draft, &text);
		code = file_write_atomic(path, buf_view(&text), e);
	}
	free(top);
	buf_finish(&text);
	try_plan_finish(&plan);
	(void)file_remove_tree(folder, NULL);
	return code;
}

int recipe_new(const struct recipe_asked *a)
{
	char name[256];
	struct err e = {0};
	if (a->words.n != 1 || !name_is_valid(str_from(a->words.v[0])) ||
		!name_normalise_to(str_from(a->words.v[0]), name, sizeof(name))) {
		return options_wrong("recipe", "new takes one package name");
	}
	struct try_asked asked = a->attempt.asked;
	asked.name = name;
	asked.recipes = a->folder;
	char *packages = file_join(a->folder, "packages");
	char *path = str_format("%s/%s.yaml", packages, name);
	int code = EXIT_FINE;
	if (access(path, F_OK) == 0) {
		code = options_wrong("recipe", "%s is there already", path);
	} else if (file_make_folders(packages, &e) != 0 || write_draft(&asked, name, path, &e) != 0) {
		fprintf(stderr, "wheelfarm recipe: %s\n", e.text);
		code = recipe_exit_code(e.code);
	} else {
		printf("%s\nnext: wheelfarm recipe lint %s && wheelfarm recipe try %s\n", path, path, name);
	}
	free(path);
	free(packages);
	return code;
}
