#include "coordinator/scan/serials.h"

#include "core/io/json.h"
#include "core/pep/name.h"

enum { NAME = 256 };

/* {"projects": [{"name": …, "_last-serial": …}, …]}: the depths at which those stand. */
enum { DEPTH_ROOT = 1, DEPTH_PROJECTS = 2, DEPTH_PROJECT = 3 };

enum key { KEY_OTHER, KEY_PROJECTS, KEY_NAME, KEY_SERIAL };

struct reader {
	const struct map *names;
	int depth;
	bool in_projects; /* the array at DEPTH_PROJECTS is that of the key */
	bool was_list;
	enum key key; /* of the value that comes next */
	char name[NAME]; /* of the project, normalised; "" if none yet */
	int64_t serial;
	size_t read;
};

static int on_begin(void *user, bool array)
{
	struct reader *r = user;
	r->depth++;
	if (r->depth == DEPTH_PROJECTS && array && r->key == KEY_PROJECTS) {
		r->in_projects = true;
		r->was_list = true;
	}
	if (r->depth == DEPTH_PROJECT && r->in_projects) {
		r->name[0] = '\0';
		r->serial = 0;
	}
	r->key = KEY_OTHER;
	return 0;
}

static int on_object_begin(void *user, struct err *e)
{
	return on_begin(user, false);
}

static int on_array_begin(void *user, struct err *e)
{
	return on_begin(user, true);
}

static int on_end(void *user, struct err *e)
{
	struct reader *r = user;
	if (r->depth == DEPTH_PROJECT && r->in_projects && r->name[0] != '\0') {
		int64_t *wanted = map_get(r->names, str_from(r->name));
		if (wanted != NULL && r->serial > 0) {
			*wanted = r->serial;
		}
		r->read++;
	}
	if (r->depth == DEPTH_PROJECTS) {
		r->in_projects = false;
	}
	r->depth--;
	r->key = KEY_OTHER;
	return 0;
}

static int on_key(void *user, struct str key, struct err *e)
{
	struct reader *r = user;
	r->key = KEY_OTHER;
	if (r->depth == DEPTH_ROOT && str_is(key, "projects")) {
		r->key = KEY_PROJECTS;
	} else if (r->depth == DEPTH_PROJECT && r->in_projects) {
		r->key = str_is(key, "name")      ? KEY_NAME
			: str_is(key, "_last-serial") ? KEY_SERIAL
										  : KEY_OTHER;
	}
	return 0;
}

static int on_string(void *user, struct str value, struct err *e)
{
	struct reader *r = user;
	if (r->key == KEY_NAME && !name_normalise_to(value, r->name, sizeof(r->name))) {
		r->name[0] = '\0'; /* no package that anybody could ask for */
	}
	r->key = KEY_OTHER;
	return 0;
}

static int on_number(void *user, struct str text, struct err *e)
{
	struct reader *r = user;
	if (r->key == KEY_SERIAL && !str_to_i64(text, &r->serial)) {
		r->serial = 0;
	}
	r->key = KEY_OTHER;
	return 0;
}

static const struct json_sink sink = {
	.object_begin = on_object_begin,
	.object_key = on_key,
	.object_end = on_end,
	.array_begin = on_array_begin,
	.array_end = on_end,
	.string = on_string,
	.number = on_number,
};

int serials_read(struct buf *text, const struct map *names, size_t *read, struct err *e)
{
	struct reader r = {.names = names};
	buf_reserve(text, JSON_PADDING);
	int code = json_read(text->p, text->n, &sink, &r, NULL, e);
	*read = r.read;
	return code == 0 && !r.was_list ? err_set(e, ERR_INVALID, "it has no list \"projects\"") : code;
}
