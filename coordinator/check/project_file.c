#include "coordinator/check/project_file.h"

#include "coordinator/check/lock.h"
#include "core/io/file.h"

/* What tells a format from the others: a key that it must have, and one that the others have not. */
static const struct {
	const char *key, *other;
	int (*read)(struct lock *l);
} formats[] = {
	{"lock-version", "created-by", pylock_read},
	{"version", "requires-python", uv_lock_read},
};

static struct check_lock *about(struct lock *l)
{
	struct check_lock *made = arena_new(&l->list->arena, sizeof(*made));
	const struct toml_node *python = toml_get_kind(l->root, "requires-python", TOML_TEXT);
	*made = (struct check_lock){.made_for = check_list_all(l->list), .source = l->path};
	if (python != NULL) {
		made->python.p = arena_copy(&l->list->arena, python->text.p, python->text.n);
		made->python.n = python->text.n;
	}
	return made;
}

int project_text_read(struct str text, const char *path, struct check_list *list, struct err *e)
{
	struct lock l = {.list = list, .path = path, .e = e};
	struct toml_node *root;
	int code = toml_parse(text, path, &l.arena, &root, e);
	l.root = root;
	if (code == 0) {
		l.about = about(&l);
		code = err_set(e, ERR_INVALID, "%s: neither pylock.toml nor uv.lock", path);
		for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
			if (toml_get(root, formats[i].key) != NULL &&
				toml_get(root, formats[i].other) != NULL) {
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
