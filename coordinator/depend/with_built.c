#include "coordinator/depend/with_built.h"

#include "coordinator/depend/judge.h"
#include "coordinator/depend/missing.h"
#include "coordinator/depend/needs.h"
#include "coordinator/store/with_built.h"

enum { AT_ONCE = 256 }; /* packages in one transaction */

struct second {
	const struct depend_options *o;
	struct depend_answer *out;
	struct err *e;
	struct depend_graph g;
	struct judge judge;
	struct arena arena;
	struct map built; /* packages with wheels of this farm */
	struct map needers; /* and those that need them */
	VEC(const char *) asked; /* of whom the verdict may be another */
	VEC(struct second_letters {
		int64_t package;
		size_t n;
		char letters[STORE_TARGETS];
	})
	writing;
};

/* --- of whom --- */

static int find_needers(
	struct second *s, const char *const *names, size_t count, const char ***out, size_t *out_count)
{
	struct store_due *list = arena_new(&s->arena, (count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		list[i].name = names[i];
	}
	return needs_affected(s->o->reader, list, count, &s->arena, out, out_count, s->e);
}

static void put_all(struct map *m, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		map_put(m, str_from(names[i]), m);
	}
}

/* Those that are due, or need what is, if the second verdict on them is or was one of its own. */
static int find_asked(
	struct second *s, const struct store_due *due, size_t due_count, struct map *may)
{
	const char **names = NULL;
	size_t count = 0;
	int code = needs_affected(s->o->reader, due, due_count, &s->arena, &names, &count, s->e);
	for (size_t i = 0; code == 0 && i < count; i++) {
		if (map_has(may, str_from(names[i]))) {
			*vec_add(&s->asked) = names[i];
		}
	}
	return code;
}

/* --- what is said --- */

static int write_all(struct store *store, void *user, struct err *e)
{
	struct second *s = user;
	int code = 0;
	for (size_t i = 0; code == 0 && i < s->writing.n; i++) {
		const struct second_letters *l = &s->writing.v[i];
		code = store_with_built_put(store, l->package, (struct str){l->letters, l->n}, e);
	}
	return code;
}

static int flush(struct second *s)
{
	int code = 0;
	if (s->o->stop != NULL && atomic_load(s->o->stop)) {
		code = err_set(s->e, ERR_CANCELLED, "stopped");
	} else if (s->writing.n != 0) {
		code = store_write_wait(s->o->writer, write_all, s, s->e);
	}
	s->writing.n = 0;
	return code;
}

/* The targets on which the first verdict leaves something to ask. */
static uint64_t open_on(const struct second *s, const char *name, struct str dependencies)
{
	return map_has(&s->needers, str_from(name))
		? s->g.built_on & ~depend_targets(&s->g, dependencies, DEPENDENCY_OK)
		: 0;
}

static void judge_open(
	struct second *s, const char *name, uint64_t open, struct second_letters *out)
{
	memset(out->letters, WITH_BUILT_SAME, sizeof(out->letters));
	if (open != 0) {
		judge_letters(&s->judge, depend_graph_load(&s->g, str_from(name)), open, out->letters);
	}
	for (size_t i = 0; i < sizeof(out->letters); i++) {
		out->n = out->letters[i] != WITH_BUILT_SAME ? i + 1 : out->n;
	}
}

static int judge_one(struct second *s, const char *name)
{
	struct arena arena = {0};
	struct store_with_built stored;
	struct second_letters now = {0};
	int code = store_with_built_get(s->o->reader, str_from(name), &arena, &stored, s->e);
	if (code == 0 && stored.package != 0) {
		now.package = stored.package;
		judge_open(s, name, open_on(s, name, stored.dependencies), &now);
		if (!str_equal(stored.letters, (struct str){now.letters, now.n})) {
			*vec_add(&s->writing) = now;
		}
	}
	if (code == 0 && s->g.code != 0) {
		code = err_set(s->e, s->g.code, "%s", s->g.err.text);
	}
	arena_finish(&arena);
	return code == 0 && s->writing.n >= AT_ONCE ? flush(s) : code;
}

static int load(struct second *s)
{
	int code = 0;
	for (size_t i = 0; i < s->built.n; i++) {
		depend_graph_load(&s->g, s->built.entries[i].key);
	}
	for (size_t i = 0; code == 0 && i < s->asked.n; i++) {
		struct arena arena = {0};
		struct store_with_built stored;
		const char *name = s->asked.v[i];
		code = store_with_built_get(s->o->reader, str_from(name), &arena, &stored, s->e);
		if (code == 0 && open_on(s, name, stored.dependencies) != 0) {
			depend_graph_load(&s->g, str_from(name));
		}
		arena_finish(&arena);
	}
	depend_graph_close(&s->g);
	depend_graph_live(&s->g);
	return code;
}

static int judge_asked(struct second *s)
{
	int code = depend_graph_init(&s->g, s->o->reader, s->o->targets, s->e);
	judge_init(&s->judge, &s->g);
	s->g.built = &s->built;
	code = code == 0 ? load(s) : code;
	for (size_t i = 0; code == 0 && i < s->asked.n; i++) {
		code = judge_one(s, s->asked.v[i]);
	}
	code = code == 0 ? flush(s) : code;
	missing_add(s->out, &s->g, s->judge.wants.v, s->judge.wants.n);
	judge_finish(&s->judge);
	depend_graph_finish(&s->g);
	return code;
}

static int run(struct second *s, const struct store_due *due, size_t due_count)
{
	const char **built = NULL, **told = NULL, **needers = NULL;
	size_t built_count = 0, told_count = 0, needer_count = 0;
	struct map may = {0};
	int code = store_with_built_packages(s->o->reader, &s->arena, &built, &built_count, s->e);
	if (code == 0) {
		code = store_with_built_told(s->o->reader, &s->arena, &told, &told_count, s->e);
	}
	if (code != 0 || built_count + told_count == 0) {
		return code;
	}
	code = find_needers(s, built, built_count, &needers, &needer_count);
	put_all(&s->built, built, built_count);
	put_all(&s->needers, needers, needer_count);
	put_all(&may, needers, needer_count);
	put_all(&may, told, told_count);
	if (code == 0) {
		code = find_asked(s, due, due_count, &may);
	}
	if (code == 0 && s->asked.n != 0) {
		code = judge_asked(s);
	}
	map_finish(&may);
	return code;
}

int with_built_refresh(const struct depend_options *o, const struct store_due *due,
	size_t due_count, struct depend_answer *out, struct err *e)
{
	struct second s = {.o = o, .out = out, .e = e};
	int code = store_begin(o->reader, e);
	if (code == 0) {
		code = run(&s, due, due_count);
		store_rollback(o->reader);
	}
	map_finish(&s.built);
	map_finish(&s.needers);
	vec_finish(&s.asked);
	vec_finish(&s.writing);
	arena_finish(&s.arena);
	return code;
}
