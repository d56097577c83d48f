#include "coordinator/check/project_file.h"

#include "coordinator/check/lock.h"
#include "core/io/file.h"

#include <string.h>

static bool is_pylock(const struct toml_node *root)
{
	return toml_get(root, "lock-version") != NULL;
}

static bool is_poetry_lock(const struct toml_node *root)
{
	return toml_get(toml_get(root, "metadata"), "lock-version") != NULL;
}

static bool is_uv_lock(const struct toml_node *root)
{
	return toml_get(root, "version") != NULL && toml_get(root, "requires-python") != NULL;
}

static bool is_pyproject(const struct toml_node *root)
{
	return toml_get(root, "project") != NULL || toml_get(root, "dependency-groups") != NULL ||
		toml_get(root, "tool") != NULL || toml_get(root, "build-system") != NULL;
}

static const struct {
	bool (*is)(const struct toml_node *root);
	int (*read)(struct lock *l);
} formats[] = {
	{is_pylock, pylock_read},
	{is_poetry_lock, poetry_lock_read},
	{is_uv_lock, uv_lock_read},
	{is_pyproject, pyproject_read},
};

int project_text_read(struct str text, const char *path, struct check_list *list, struct err *e)
{
	struct lock l = {.list = list, .path = path, .e = e};
	struct toml_node *root;
	int code = toml_parse(text, path, &l.arena, &root, e);
	l.root = root;
	if (code == 0) {
		l.about = arena_new(&list->arena, sizeof(*l.about));
		*l.about = (struct check_project){.source = arena_copy(&list->arena, path, strlen(path)),
			.made_for = check_list_all(list)};
		code = err_set(e, ERR_INVALID,
			"%s:1: none of pylock.toml, uv.lock, poetry.lock, pyproject.toml", path);
		for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
			if (formats[i].is(root)) {
				code = formats[i].read(&l);
				break;
			}
		}
	}
	map_finish(&l.markers);
	arena_finish(&l.arena);
	return code;
}

int project_file_read(const char *path, struct check_list *list, struct err *e)
{
	struct buf text = {0};
	int code = file_read(path, TOML_BYTES_MOST, &text, e);
	if (code == 0) {
		code = project_text_read(buf_view(&text), path, list, e);
	}
	buf_finish(&text);
	return code;
}
