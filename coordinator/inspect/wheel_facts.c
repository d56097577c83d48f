#include "coordinator/inspect/wheel_facts.h"

#include <string.h>

static struct str file_name(struct str path)
{
	return str_slice(path, (size_t)(str_find_last(path, '/') + 1), path.n);
}

static bool ends_nocase(struct str text, const char *suffix)
{
	size_t n = strlen(suffix);
	return text.n >= n && str_equal_nocase(str_slice(text, text.n - n, text.n), str_from(suffix));
}

/* In a folder that repair tools make: auditwheel and delvewheel NAME.libs, delocate .dylibs. */
static bool is_in_library_folder(struct str path)
{
	struct str part;
	size_t folders = path.n - file_name(path).n;
	struct str rest = str_slice(path, 0, folders);
	while (str_split(&rest, '/', &part)) {
		if (str_ends(part, ".libs") || str_is(part, ".dylibs")) {
			return true;
		}
	}
	return false;
}

static bool is_bundled(const struct wheel_binary *b)
{
	struct str name = file_name(b->path);
	if (is_in_library_folder(b->path) || ends_nocase(name, ".dll")) {
		return true;
	}
	return b->module.n == 0 && str_starts(name, "lib") && str_find_text(name, STR(".so")) > 0;
}

static void find_bundled(const struct wheel_report *r, struct arena *arena, struct wheel_facts *out)
{
	VEC(struct str) names = {0};
	VEC_EACH (const struct wheel_binary, b, &r->binaries) {
		if (is_bundled(b)) {
			struct str name = file_name(b->path);
			*vec_add(&names) = (struct str){.p = arena_copy(arena, name.p, name.n), .n = name.n};
		}
	}
	out->bundled.n = names.n;
	out->bundled.v = vec_to_arena(&names, arena);
}

static void find_machine(const struct wheel_report *r, struct arena *arena, struct wheel_facts *out)
{
	struct buf text = {0};
	for (size_t i = 0; i < r->binaries.n; i++) {
		struct str machine = r->binaries.v[i].machine;
		bool seen = false;
		for (size_t k = 0; k < i && !seen; k++) {
			seen = str_equal(r->binaries.v[k].machine, machine);
		}
		if (!seen) {
			buf_add_text(&text, text.n != 0 ? ", " : "");
			buf_add_str(&text, machine);
		}
	}
	out->machine =
		(struct str){.p = arena_copy(arena, text.n != 0 ? text.p : "", text.n), .n = text.n};
	buf_finish(&text);
}

bool wheel_facts_contradicts(enum wheel_problem_code code)
{
	switch (code) {
	case WHEEL_PROBLEM_MACHINE_MISMATCH: /* the loader refuses it */
	case WHEEL_PROBLEM_ARM64EC: /* so does an ARM64 process */
	case WHEEL_PROBLEM_SUFFIX_MISMATCH: /* Python never looks for that name */
	case WHEEL_PROBLEM_PYTHON_ABI_MISMATCH:
	case WHEEL_PROBLEM_GLIBC_TOO_NEW:
		return true;
	default:
		return false;
	}
}

/* A stray helper program for another machine breaks nothing: only what Python imports counts. */
static bool is_module(const struct wheel_report *r, struct str path)
{
	VEC_EACH (const struct wheel_binary, b, &r->binaries) {
		if (str_equal(b->path, path)) {
			return b->module.n != 0;
		}
	}
	return false;
}

static void count(const struct wheel_report *r, struct wheel_facts *out)
{
	VEC_EACH (const struct wheel_problem, p, &r->problems) {
		out->errors += p->severity == WHEEL_ERROR;
		out->warnings += p->severity == WHEEL_WARNING;
		out->notes += p->severity == WHEEL_NOTE;
		if (out->broken == NULL && p->severity == WHEEL_ERROR && wheel_facts_contradicts(p->code) &&
			is_module(r, p->path)) {
			out->broken = p;
		}
	}
	out->worst = r->problems.n != 0 ? &r->problems.v[0] : NULL;
}

void wheel_facts_of(const struct wheel_report *r, struct arena *arena, struct wheel_facts *out)
{
	*out = (struct wheel_facts){
		.glibc = {.p = arena_copy(arena, r->glibc.n != 0 ? r->glibc.p : "", r->glibc.n),
			.n = r->glibc.n}};
	VEC_EACH (const struct wheel_binary, b, &r->binaries) {
		bool counts = b->page_size != 0 && str_is(b->machine, "aarch64");
		if (counts && (out->page_size == 0 || b->page_size < out->page_size)) {
			out->page_size = b->page_size;
		}
	}
	find_machine(r, arena, out);
	find_bundled(r, arena, out);
	count(r, out);
}
