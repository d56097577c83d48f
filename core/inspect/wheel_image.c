#include "core/inspect/wheel_parts.h"

#include "core/inspect/macho.h"
#include "core/inspect/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX ((uint64_t)256 << 20)

bool wheel_image_is(struct str bytes)
{
	return elf_is(bytes) || pe_is(bytes) || macho_is(bytes);
}

struct str wheel_file_name(struct str path)
{
	ptrdiff_t slash = str_find_last(path, '/');
	return str_slice(path, (size_t)(slash + 1), path.n);
}

char *wheel_lower(struct str text)
{
	char *lower = str_dup(text);
	for (char *p = lower; *p != '\0'; p++) {
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	}
	return lower;
}

static void keep_all(struct wheel_report *r, struct str *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		texts[i] = wheel_keep(r, texts[i]);
	}
}

static struct wheel_texts copy_texts(struct wheel_report *r, const struct str *texts, size_t n)
{
	struct wheel_texts copy = {.v = arena_new(&r->arena, (n + 1) * sizeof(struct str)), .n = n};
	if (n != 0) {
		memcpy(copy.v, texts, n * sizeof(struct str));
	}
	return copy;
}

static struct str highest_glibc(struct wheel_report *r, const struct elf *elf)
{
	unsigned major = 0, minor = 0, a, b;
	VEC_EACH (const struct str, need, &elf->needs) {
		if (str_starts(*need, "libc.musl-")) {
			return (struct str){0}; /* musl reads no versions; some libraries carry them along */
		}
	}
	VEC_EACH (const struct elf_need, need, &elf->versions) {
		if (policy_glibc_version(need->version, &a, &b) &&
			(a > major || (a == major && b > minor))) {
			major = a;
			minor = b;
		}
	}
	char text[32];
	int n = snprintf(text, sizeof(text), "%u.%u", major, minor);
	return major == 0 ? (struct str){0} : wheel_keep(r, (struct str){.p = text, .n = (size_t)n});
}

static struct str python_abi_of_name(struct wheel_report *r, const struct wheel_module *module)
{
	struct str abi = {0};
	if (module->suffix == WHEEL_SUFFIX_ABI3) {
		abi = STR("abi3");
	} else if (module->suffix == WHEEL_SUFFIX_ABI3T) {
		abi = STR("abi3t");
	} else if (module->suffix == WHEEL_SUFFIX_VERSION) {
		struct buf text = {0};
		buf_printf(&text, "cp%.*s", STR_ARG(module->python));
		abi = wheel_keep(r, buf_view(&text));
		buf_finish(&text);
	}
	return abi;
}

static uint64_t bytes_of(const struct str *texts, size_t n)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < n; i++) {
		sum += sizeof(struct pe_import) + texts[i].n;
	}
	return sum;
}

/* May this image's names be kept? Small members can inflate to a great many of them. */
static bool may_keep(struct wheel_check *c, const struct wheel_image *image, struct err *why)
{
	const struct elf *elf = &image->elf;
	const struct pe *pe = &image->pe;
	uint64_t sum = bytes_of(elf->needs.v, elf->needs.n) + bytes_of(elf->rpaths.v, elf->rpaths.n) +
		bytes_of(elf->inits.v, elf->inits.n) + bytes_of(pe->dlls.v, pe->dlls.n) +
		bytes_of(elf->undefined.v, elf->undefined.n) + bytes_of(pe->exports.v, pe->exports.n);
	VEC_EACH (const struct elf_need, need, &elf->versions) {
		sum += sizeof(*need) + need->library.n + need->version.n;
	}
	VEC_EACH (const struct pe_import, import, &pe->imports) {
		sum += sizeof(*import) + import->symbol.n;
	}
	if (sum > NAMES_MAX - c->names_kept) {
		err_set(why, ERR_TOO_LARGE, "the binaries of the wheel have over 256 MiB of names");
		return false;
	}
	c->names_kept += sum;
	return true;
}

static void add_elf(struct wheel_check *c, struct wheel_binary *binary, struct wheel_image *image,
	struct str bytes, struct err *why)
{
	struct wheel_report *r = c->report;
	struct elf *elf = &image->elf;
	char storage[16];
	if (elf_read(bytes, !image->is_whole, elf, why) != 0) {
		image->is_whole = false;
	}
	size_t kept = 0;
	for (size_t i = 0; i < elf->undefined.n; i++) {
		if (policy_knows_symbol(elf->undefined.v[i])) {
			elf->undefined.v[kept++] = elf->undefined.v[i];
		}
	}
	elf->undefined.n = kept;
	if (!may_keep(c, image, why)) {
		elf_finish(elf);
		elf->soname = (struct str){0};
		image->is_whole = false;
	}
	keep_all(r, elf->undefined.v, elf->undefined.n);
	keep_all(r, elf->needs.v, elf->needs.n);
	keep_all(r, elf->rpaths.v, elf->rpaths.n);
	keep_all(r, elf->inits.v, elf->inits.n);
	VEC_EACH (struct elf_need, need, &elf->versions) {
		need->library = wheel_keep(r, need->library);
		need->version = wheel_keep(r, need->version);
	}
	elf->soname = wheel_keep(r, elf->soname);
	image->is_program = elf->type == ELF_EXEC || elf->interpreter.n != 0;
	elf->interpreter = (struct str){0};
	binary->format = WHEEL_ELF;
	binary->machine = wheel_keep(
		r, str_from(elf_machine_name(elf->machine, elf->is_64, elf->is_little, storage)));
	binary->needs = copy_texts(r, elf->needs.v, elf->needs.n);
	binary->glibc = highest_glibc(r, elf);
	binary->page_size = elf->page_size;
	binary->python_abi = python_abi_of_name(r, &image->module);
	image->is_other = elf->type == ELF_REL || str_starts(binary->machine, "0x");
	if (elf->type == ELF_REL && !str_starts(binary->machine, "0x")) {
		wheel_problem(c, WHEEL_PROBLEM_STRAY_BUILD_FILE, binary->path, "an object file");
	}
}

/* "python313t.dll" → "cp313t", "python3.dll" → "abi3"; empty if it is no Python's. */
static struct str python_abi_of_dll(struct wheel_report *r, struct str dll)
{
	char *name = wheel_lower(dll);
	struct str rest = str_from(name), abi = {0};
	struct buf text = {0};
	if (str_starts(rest, "python") && str_ends(rest, ".dll")) {
		rest = str_slice(rest, strlen("python"), rest.n - strlen(".dll"));
		if (str_ends(rest, "_d")) {
			rest = str_slice(rest, 0, rest.n - 2);
		}
		bool is_threaded = str_ends(rest, "t");
		uint64_t number;
		if (str_to_u64(str_slice(rest, 0, rest.n - is_threaded), &number)) {
			if (number == 3) {
				buf_add_text(&text, "abi3");
			} else {
				buf_printf(&text, "cp%llu", (unsigned long long)number);
			}
			buf_add_text(&text, is_threaded ? "t" : "");
			abi = wheel_keep(r, buf_view(&text));
		}
	}
	buf_finish(&text);
	free(name);
	return abi;
}

static void add_pe(struct wheel_check *c, struct wheel_binary *binary, struct wheel_image *image,
	struct str bytes, struct err *why)
{
	struct wheel_report *r = c->report;
	struct pe *pe = &image->pe;
	char storage[16];
	if (pe_read(bytes, !image->is_whole, pe, why) != 0) {
		image->is_whole = false;
	}
	if (!may_keep(c, image, why)) {
		pe_finish(pe);
		image->is_whole = false;
	}
	keep_all(r, pe->dlls.v, pe->dlls.n);
	struct str last = {0}, last_kept = {0}; /* all imports of a DLL share its name's view */
	VEC_EACH (struct pe_import, import, &pe->imports) {
		if (import->dll.p != last.p) {
			last = import->dll;
			last_kept = wheel_keep(r, last);
		}
		import->dll = last_kept;
		import->symbol = wheel_keep(r, import->symbol);
	}
	keep_all(r, pe->exports.v, pe->exports.n);
	image->is_program = !(pe->characteristics & PE_IS_DLL);
	binary->format = WHEEL_PE;
	binary->machine = wheel_keep(r, str_from(pe_machine_name(pe, storage)));
	binary->needs = copy_texts(r, pe->dlls.v, pe->dlls.n);
	VEC_EACH (const struct str, dll, &pe->dlls) {
		struct str abi = python_abi_of_dll(r, *dll);
		if (abi.n != 0) {
			binary->python_abi = abi;
		}
	}
	if (binary->python_abi.n == 0) {
		binary->python_abi = python_abi_of_name(r, &image->module);
	}
	image->is_other = pe->is_managed || str_starts(binary->machine, "0x");
}

/* True if it has the function that `import name` calls. */
static bool has_init(const struct wheel_image *image, struct str name)
{
	VEC_EACH (const struct str, init, &image->elf.inits) {
		ptrdiff_t line = str_find(*init, '_');
		if (str_equal(str_slice(*init, (size_t)(line + 1), init->n), name)) {
			return true;
		}
	}
	return false;
}

void wheel_image_add(struct wheel_check *c, struct str path, struct str bytes, bool is_whole)
{
	struct wheel_report *r = c->report;
	struct wheel_binary binary = {.path = wheel_keep(r, path)};
	struct wheel_image image = {.binary = r->binaries.n, .is_whole = is_whole};
	struct err why = {0};
	wheel_module_read(binary.path, &image.module);
	if (elf_is(bytes)) {
		add_elf(c, &binary, &image, bytes, &why);
	} else if (pe_is(bytes)) {
		add_pe(c, &binary, &image, bytes, &why);
	} else {
		struct macho macho;
		macho_read(bytes, &macho);
		binary.format = WHEEL_MACHO;
		binary.machine = str_from(macho.machine);
		image.is_program = macho.is_executable;
	}
	if (why.code == ERR_TOO_LARGE) {
		wheel_problem(c, WHEEL_PROBLEM_TOO_LARGE, path, "%s", why.text);
	} else if (why.code != 0 && !image.is_other) {
		wheel_problem(c, WHEEL_PROBLEM_MACHINE_MISMATCH, path, "it cannot be loaded: %s", why.text);
	}
	if (image.module.suffix != WHEEL_SUFFIX_NONE || has_init(&image, image.module.name)) {
		binary.module = image.module.name;
	}
	*vec_add(&r->binaries) = binary;
	*vec_add(&c->images) = image;
}

void wheel_image_finish(struct wheel_image *image)
{
	elf_finish(&image->elf);
	pe_finish(&image->pe);
	map_finish(&image->exports);
}

void wheel_image_index(struct wheel_check *c)
{
	VEC_EACH (struct wheel_image, image, &c->images) {
		const struct wheel_binary *binary = &c->report->binaries.v[image->binary];
		struct str name = wheel_file_name(binary->path);
		if (binary->format == WHEEL_ELF) {
			map_put(&c->sonames, name, image);
			if (image->elf.soname.n != 0) {
				map_put(&c->sonames, image->elf.soname, image);
			}
		} else if (binary->format == WHEEL_PE) {
			char *lower = wheel_lower(name);
			map_put(&c->dlls, str_from(lower), image);
			free(lower);
		}
	}
}
