#include "coordinator/store/needs.h"

#include "core/io/json.h"

static const struct json_field needs_fields[] = {
	JSON_FIELD(struct store_needs, os, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct store_needs, arch, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct store_needs, modes, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct store_needs, toolchains, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct store_needs, images, JSON_FIELD_TEXTS, false),
	JSON_FIELD(struct store_needs, targets, JSON_FIELD_TEXTS, false),
	{0},
};

void store_needs_write(struct buf *out, const struct store_needs *n)
{
	struct json_writer w;
	json_writer_init(&w, out, false);
	json_struct_write(&w, needs_fields, n);
	json_writer_finish(&w);
}

int store_needs_read(struct str json, struct arena *arena, struct store_needs *out, struct err *e)
{
	struct json_node *root = NULL;
	*out = (struct store_needs){0};
	int code = json_tree_parse(json, "needs", arena, &root, e);
	return code == 0 ? json_struct_read(root, needs_fields, out, "needs", arena, e) : code;
}

static bool contains(const struct json_texts *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++) {
		if (str_is(str_from(set->v[i]), name)) {
			return true;
		}
	}
	return false;
}

static bool subset(const struct json_texts *wanted, const struct json_texts *has)
{
	for (size_t i = 0; i < wanted->n; i++) {
		if (!contains(has, wanted->v[i])) {
			return false;
		}
	}
	return true;
}

static bool is(const char *wanted, const char *has)
{
	return wanted == NULL || str_equal(str_from(wanted), str_from(has));
}

bool store_needs_met(const struct store_needs *n, const struct capabilities *c)
{
	return is(n->os, c->os) && is(n->arch, c->arch) && subset(&n->modes, &c->modes) &&
		subset(&n->toolchains, &c->toolchains) && subset(&n->images, &c->images) &&
		(c->targets.n == 0 || subset(&n->targets, &c->targets));
}
