#include "agent/wheel_bundle.h"

#include "core/inspect/elf.h"
#include "core/inspect/policy.h"
#include "core/io/file.h"
#include "core/io/sha256.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

enum {
	LIBRARIES_MAX = 256,
	LIBRARY_BYTES = 512 << 20,
	HASH_DIGITS = 8,
	ARGUMENTS_MAX = 4 * LIBRARIES_MAX
};
#define TEMPORARY "/tmp/wheelfarm-image"
#define ORIGIN "$ORIGIN"

struct taken { /* a library that goes in */
	struct str name; /* as needed: "libyaml-0.so.2" */
	struct str becomes;
};

struct work {
	struct wheel_bundle *b;
	const struct policy *policy;
	struct str libs; /* "PyYAML.libs" */
	VEC(struct taken) taken;
};

/* --- names --- */

bool wheel_bundle_wants(const char *platform)
{
	return str_starts(str_from(platform), "manylinux");
}

struct str wheel_bundle_name(struct str library, const char *sha256, struct arena *a)
{
	ptrdiff_t dot = str_find_text(library, STR(".so"));
	size_t stem = dot > 0 ? (size_t)dot : library.n;
	return str_from(arena_printf(a, "%.*s-%.*s%.*s", STR_ARG(str_slice(library, 0, stem)),
		HASH_DIGITS, sha256, STR_ARG(str_slice(library, stem, library.n))));
}

void wheel_bundle_rpath(struct str rpath, struct str more, struct buf *out)
{
	struct str part;
	size_t begin = out->n;
	bool known = more.n == 0;
	while (str_split(&rpath, ':', &part)) {
		if (str_starts(part, ORIGIN)) {
			buf_printf(out, "%s%.*s", out->n != begin ? ":" : "", STR_ARG(part));
			known = known || str_equal(part, more);
		}
	}
	if (!known) {
		buf_printf(out, "%s%.*s", out->n != begin ? ":" : "", STR_ARG(more));
	}
}

static struct str base_of(struct str path)
{
	return str_slice(path, (size_t)(str_find_last(path, '/') + 1), path.n);
}

/* "$ORIGIN/../PyYAML.libs" as seen from a file of the wheel. */
static void libs_from(const struct work *w, struct str path, struct buf *out)
{
	buf_add_text(out, ORIGIN);
	for (size_t i = 0; i < path.n; i++) {
		buf_add_text(out, path.p[i] == '/' ? "/.." : "");
	}
	buf_printf(out, "/%.*s", STR_ARG(w->libs));
}

/* --- libraries --- */

static const struct taken *taken_find(const struct work *w, struct str name)
{
	VEC_EACH (const struct taken, t, &w->taken) {
		if (str_equal(t->name, name)) {
			return t;
		}
	}
	return NULL;
}

static bool is_in_wheel(const struct work *w, struct str name)
{
	VEC_EACH (const struct bundle_file, f, &w->b->files) {
		if (!f->added && str_equal(base_of(f->path), name)) {
			return true;
		}
	}
	return false;
}

static struct str copy_of(struct work *w, struct str s)
{
	return (struct str){.p = arena_copy(&w->b->arena, s.n != 0 ? s.p : "", s.n), .n = s.n};
}

static bool is_for(const struct work *w, const struct elf *elf)
{
	char storage[24];
	return strcmp(elf_machine_name(elf->machine, elf->is_64, elf->is_little, storage),
			   w->policy->machine) == 0;
}

/* What a file is called behind its links: "libzstd.so.1" is libzstd.so.1.5.7. In the arena. */
static struct str real_name(struct work *w, const char *path)
{
	uv_fs_t request;
	struct str base = base_of(str_from(path));
	if (uv_fs_realpath(NULL, &request, path, NULL) == 0) {
		base = base_of(str_from(request.ptr));
	}
	base = copy_of(w, base);
	uv_fs_req_cleanup(&request);
	return base;
}

/* The library of that name for this machine, from the first folder that has one, and its file's name. */
static bool read_library(struct work *w, struct str name, struct buf *bytes, struct str *file)
{
	for (const char *const *folder = w->b->folders; folder != NULL && *folder != NULL; folder++) {
		char *path = str_format("%s/%.*s", *folder, STR_ARG(name));
		struct elf elf = {0};
		buf_clear(bytes);
		bool found = file_read(path, LIBRARY_BYTES, bytes, NULL) == 0 && elf_is(buf_view(bytes)) &&
			elf_read(buf_view(bytes), false, &elf, NULL) == 0 && elf.type == ELF_DYN &&
			is_for(w, &elf);
		elf_finish(&elf);
		*file = found ? real_name(w, path) : STR("");
		free(path);
		if (found) {
			return true;
		}
	}
	return false;
}

static int take(struct work *w, struct str name, struct err *e)
{
	if (policy_allows_library(w->policy, name) || str_find(name, '/') >= 0 ||
		is_in_wheel(w, name) || taken_find(w, name) != NULL) {
		return 0;
	}
	struct buf bytes = {0};
	struct str file_name;
	int code = 0;
	if (w->taken.n == LIBRARIES_MAX) {
		w->b->reason = REASON_CODE_WRONG_WHEEL;
		code = err_set(e, ERR_TOO_LARGE, "needs over %d libraries", LIBRARIES_MAX);
	} else if (read_library(w, name, &bytes, &file_name)) {
		unsigned char digest[SHA256_BYTES];
		char hex[SHA256_HEX];
		sha256_of(buf_view(&bytes), digest);
		sha256_hex(digest, hex);
		struct taken t = {.name = copy_of(w, name)};
		t.becomes = wheel_bundle_name(file_name, hex, &w->b->arena);
		const char *path =
			arena_printf(&w->b->arena, "%.*s/%.*s", STR_ARG(w->libs), STR_ARG(t.becomes));
		struct bundle_file file = {
			.path = str_from(path), .bytes = copy_of(w, buf_view(&bytes)), .added = true};
		*vec_add(&w->taken) = t;
		*vec_add(&w->b->files) = file;
	}
	buf_finish(&bytes);
	return code;
}

/* --- images --- */

struct change {
	const char *words[3]; /* option, value, value */
};

static void on_exit_of_patchelf(uv_process_t *process, int64_t status, int signal_number)
{
	*(int64_t *)process->data = signal_number != 0 ? -signal_number : status;
	uv_close((uv_handle_t *)process, NULL);
}

static int run_patchelf(struct work *w, const char **arguments, struct err *e)
{
	uv_loop_t loop;
	uv_process_t process = {0};
	int64_t status = 0;
	uv_stdio_container_t stdio[3] = {{.flags = UV_IGNORE}, {.flags = UV_INHERIT_FD, .data.fd = 2},
		{.flags = UV_INHERIT_FD, .data.fd = 2}};
	const uv_process_options_t options = {.file = arguments[0],
		.args = (char **)arguments,
		.exit_cb = on_exit_of_patchelf,
		.stdio = stdio,
		.stdio_count = 3};
	process.data = &status;
	uv_loop_init(&loop);
	int code = uv_spawn(&loop, &process, &options);
	if (code != 0) {
		uv_close((uv_handle_t *)&process, NULL);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	if (code != 0) {
		w->b->reason = REASON_CODE_TOOLCHAIN_MISSING;
		return err_set(e, code, "patchelf: %s", uv_strerror(code));
	}
	if (status != 0) {
		w->b->reason = REASON_CODE_WRONG_WHEEL;
		return err_set(
			e, ERR_INVALID, "patchelf ended with %lld on an image of the wheel", (long long)status);
	}
	return 0;
}

/* What the image must be told, one call of patchelf each: its version 0.14 mixes up the names if it is told
 * several things at once. None if the image is right as it is. */
struct changes {
	VEC(struct change) v;
};

static void add_change(
	struct work *w, struct changes *all, const char *option, struct str a, struct str b)
{
	struct change *c = vec_add(&all->v);
	*c = (struct change){.words = {option}};
	const struct str values[] = {a, b};
	for (size_t i = 0; i < 2; i++) {
		if (values[i].n != 0) {
			c->words[1 + i] = arena_copy(&w->b->arena, values[i].p, values[i].n);
		}
	}
}

static void find_changes(
	struct work *w, const struct bundle_file *file, const struct elf *elf, struct changes *out)
{
	bool needs_libs = false;
	if (file->added) {
		add_change(w, out, "--set-soname", base_of(file->path), STR(""));
	}
	VEC_EACH (const struct str, need, &elf->needs) {
		const struct taken *t = taken_find(w, *need);
		if (t != NULL) {
			add_change(w, out, "--replace-needed", *need, t->becomes);
			needs_libs = true;
		}
	}
	struct buf old = {0}, new = {0}, more = {0};
	VEC_EACH (const struct str, rpath, &elf->rpaths) {
		buf_printf(&old, "%s%.*s", old.n != 0 ? ":" : "", STR_ARG(*rpath));
	}
	if (needs_libs && file->added) {
		buf_add_text(&more, ORIGIN);
	} else if (needs_libs) {
		libs_from(w, file->path, &more);
	}
	wheel_bundle_rpath(file->added ? STR("") : buf_view(&old), buf_view(&more), &new);
	if (!str_equal(buf_view(&old), buf_view(&new))) {
		add_change(w, out, new.n != 0 ? "--set-rpath" : "--remove-rpath", buf_view(&new), STR(""));
	}
	buf_finish(&old);
	buf_finish(&new);
	buf_finish(&more);
}

static int apply(
	struct work *w, struct bundle_file *file, const struct changes *changes, struct err *e)
{
	struct buf bytes = {0};
	int code = file_write_atomic(TEMPORARY, file->bytes, e);
	for (size_t i = 0; code == 0 && i < changes->v.n; i++) {
		const char *words[6] = {"patchelf"};
		size_t n = 1;
		for (size_t k = 0; k < 3 && changes->v.v[i].words[k] != NULL; k++) {
			words[n++] = changes->v.v[i].words[k];
		}
		words[n] = TEMPORARY;
		code = run_patchelf(w, words, e);
	}
	if (code == 0) {
		code = file_read(TEMPORARY, LIBRARY_BYTES, &bytes, e);
		file->bytes = copy_of(w, buf_view(&bytes));
		file->changed = true;
	}
	(void)unlink(TEMPORARY);
	buf_finish(&bytes);
	return code;
}

static int patch(struct work *w, size_t index, struct err *e)
{
	struct bundle_file *file = &w->b->files.v[index];
	struct elf elf = {0};
	struct changes changes = {0};
	int code = 0;
	if (elf_read(file->bytes, false, &elf, NULL) == 0 && is_for(w, &elf)) {
		find_changes(w, file, &elf, &changes);
		if (changes.v.n != 0) {
			code = apply(w, file, &changes, e);
		}
	}
	vec_finish(&changes.v);
	elf_finish(&elf);
	return code;
}

/* What one image needs goes in, and with it what that needs: the list grows as it is walked. */
static int take_needs(struct work *w, size_t index, struct err *e)
{
	struct elf elf = {0};
	int code = 0;
	if (elf_read(w->b->files.v[index].bytes, false, &elf, NULL) == 0 && is_for(w, &elf)) {
		for (size_t k = 0; code == 0 && k < elf.needs.n; k++) {
			code = take(w, elf.needs.v[k], e);
		}
	}
	elf_finish(&elf);
	return code;
}

int wheel_bundle(struct wheel_bundle *b, struct err *e)
{
	struct work w = {.b = b, .policy = policy_find(str_from(b->platform))};
	if (w.policy == NULL) {
		return 0;
	}
	char *libs = str_format("%.*s.libs", STR_ARG(b->package));
	w.libs = copy_of(&w, str_from(libs));
	free(libs);
	int code = 0;
	for (size_t i = 0; code == 0 && i < b->files.n; i++) {
		code = take_needs(&w, i, e);
	}
	for (size_t i = 0; code == 0 && i < b->files.n; i++) {
		code = patch(&w, i, e);
	}
	vec_finish(&w.taken);
	return code;
}

void wheel_bundle_finish(struct wheel_bundle *b)
{
	vec_finish(&b->files);
	arena_finish(&b->arena);
	*b = (struct wheel_bundle){0};
}
