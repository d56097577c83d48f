#include "coordinator/config.h"

#include "core/base/map.h"
#include "core/base/vec.h"
#include "core/io/file.h"
#include "core/pep/name.h"
#include "recipes/data.h"

enum { LIST_LIMIT = 16 << 20 };

/* What is read so far; a name given twice counts once, where it first stood. */
struct reading {
	const char *file;
	struct arena *arena;
	struct map seen;
	VEC(struct package_item) items;
};

static int add(
	struct reading *r, struct str name, int line, int64_t rank, int64_t downloads, struct err *e)
{
	char normalised[256];
	if (!name_is_valid(name) || !name_normalise_to(name, normalised, sizeof(normalised))) {
		return data_error(e, r->file, line, "\"%.*s\" is no package name",
			(int)(name.n < 80 ? name.n : 80), name.n != 0 ? name.p : "");
	}
	struct str key = str_from(normalised);
	if (!map_has(&r->seen, key)) {
		map_put(&r->seen, key, r);
		*vec_add(&r->items) = (struct package_item){
			.name = arena_copy(r->arena, key.p, key.n), .rank = rank, .downloads = downloads};
	}
	return 0;
}

static int read_lines(struct reading *r, struct str text, struct err *e)
{
	int number = 0, code = 0;
	struct str line;
	while (code == 0 && str_split(&text, '\n', &line)) {
		number++;
		ptrdiff_t hash = str_find(line, '#');
		line = str_trim(hash >= 0 ? str_slice(line, 0, (size_t)hash) : line);
		if (line.n != 0) {
			code = add(r, line, number, 0, -1, e);
		}
	}
	return code;
}

/* The list of the most downloaded packages: {"rows": [{"project": …, "download_count": …}]}. */
static int read_top(struct reading *r, struct str text, struct err *e)
{
	struct arena arena = {0};
	struct json_node *root;
	int code = json_tree_parse(text, r->file, &arena, &root, e);
	const struct json_node *rows = code == 0 ? json_tree_get(root, "rows") : NULL;
	if (code == 0 && (rows == NULL || rows->kind != JSON_ARRAY)) {
		code = data_error(e, r->file, 1, "has no list \"rows\"");
	}
	int64_t rank = 0;
	for (const struct json_node *row = rows != NULL ? rows->first : NULL; code == 0 && row != NULL;
		 row = row->next) {
		const struct json_node *project = json_tree_get(row, "project");
		const struct json_node *count = json_tree_get(row, "download_count");
		int64_t downloads = -1;
		if (count != NULL && count->kind == JSON_NUMBER) {
			str_to_i64(count->text, &downloads);
		}
		rank++;
		if (project == NULL || project->kind != JSON_STRING) {
			code = data_error(e, r->file, 1, "row %lld has no \"project\"", (long long)rank);
		} else {
			code = add(r, project->text, 1, rank, downloads, e);
		}
	}
	arena_finish(&arena);
	return code;
}

int package_list_load(
	const char *file, struct arena *arena, struct package_list *out, struct err *e)
{
	struct reading r = {.file = file, .arena = arena};
	struct buf text = {0};
	*out = (struct package_list){0};
	int code = file_read(file, LIST_LIMIT, &text, e);
	if (code == 0) {
		struct str view = str_trim(buf_view(&text));
		code = str_starts(view, "{") ? read_top(&r, view, e) : read_lines(&r, buf_view(&text), e);
	}
	if (code == 0 && r.items.n != 0) {
		out->v = arena_new(arena, r.items.n * sizeof(*out->v));
		memcpy(out->v, r.items.v, r.items.n * sizeof(*out->v));
		out->n = r.items.n;
	}
	vec_finish(&r.items);
	map_finish(&r.seen);
	buf_finish(&text);
	return code;
}
