#include "core/inspect/wheel_parts.h"

#include "core/inspect/macho.h"
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX ((uint64_t)256 << 20)

bool wheel_image_is(struct str bytes)
{
	return elf_is(bytes) || pe_is(bytes) || macho_is(bytes);
}

bool wheel_image_has_headers(struct str bytes)
{
	return elf_is(bytes) ? elf_has_headers(bytes) : pe_is(bytes) ? pe_has_headers(bytes) : true;
}

struct str wheel_file_name(struct str path)
{
	ptrdiff_t slash = str_find_last(path, '/');
	return str_slice(path, (size_t)(slash + 1), path.n);
}

bool wheel_image_is_named(struct str path)
{
	return str_ends(path, ".so") || str_find_text(path, STR(".so.")) >= 0 ||
		str_ends(path, ".pyd") || str_ends(path, ".dll");
}

char *wheel_lower(struct str text)
{
	char *lower = str_dup(text);
	for (char *p = lower; *p != '\0'; p++) {
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
	}
	return lower;
}

void wheel_keep_all(struct wheel_report *r, struct str *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		texts[i] = wheel_keep(r, texts[i]);
	}
}

struct wheel_texts wheel_copy_texts(struct wheel_report *r, const struct str *texts, size_t n)
{
	struct wheel_texts copy = {.v = arena_new(&r->arena, (n + 1) * sizeof(struct str)), .n = n};
	if (n != 0) {
		memcpy(copy.v, texts, n * sizeof(struct str));
	}
	return copy;
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

static bool is_init_name(struct str name)
{
	static const char *const prefixes[] = {"PyInit_", "PyInitU_", "PyModExport_", "PyModExportU_"};
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (str_starts(name, prefixes[i])) {
			return true;
		}
	}
	return false;
}

struct wheel_texts wheel_init_functions(struct wheel_report *r, const struct str *names, size_t n)
{
	VEC(struct str) inits = {0};
	for (size_t i = 0; i < n; i++) {
		if (is_init_name(names[i])) {
			*vec_add(&inits) = names[i];
		}
	}
	struct wheel_texts texts = wheel_copy_texts(r, inits.v, inits.n);
	vec_finish(&inits);
	return texts;
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
bool wheel_image_may_keep(struct wheel_check *c, const struct wheel_image *image, struct err *why)
{
	const struct elf *elf = &image->elf;
	const struct pe *pe = &image->pe;
	uint64_t sum = bytes_of(elf->needs.v, elf->needs.n) + bytes_of(elf->rpaths.v, elf->rpaths.n) +
		bytes_of(elf->defined.v, elf->defined.n) + bytes_of(pe->dlls.v, pe->dlls.n) +
		bytes_of(pe->exports.v, pe->exports.n);
	VEC_EACH (const struct elf_symbol, symbol, &elf->undefined) {
		sum += sizeof(*symbol) + symbol->name.n;
	}
	VEC_EACH (const struct pe_forward, forward, &pe->forwards) {
		sum += sizeof(*forward) + forward->symbol.n + forward->dll.n + forward->target.n;
	}
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

/* True if it has the function that `import name` calls. */
static bool has_init(const struct wheel_binary *binary, struct str name)
{
	for (size_t i = 0; i < binary->init_functions.n; i++) {
		struct str init = binary->init_functions.v[i];
		ptrdiff_t line = str_find(init, '_');
		if (str_equal(str_slice(init, (size_t)(line + 1), init.n), name)) {
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
		wheel_elf_take(c, &binary, &image, bytes, &why);
	} else if (pe_is(bytes)) {
		wheel_pe_take(c, &binary, &image, bytes, &why);
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
	if (binary.python_abi.n == 0) {
		binary.python_abi = python_abi_of_name(r, &image.module);
	}
	if (image.module.suffix != WHEEL_SUFFIX_NONE || has_init(&binary, image.module.name)) {
		binary.module = image.module.name;
	}
	*vec_add(&r->binaries) = binary;
	*vec_add(&c->images) = image;
}

void wheel_image_miss(struct wheel_check *c, struct str path)
{
	struct wheel_module module;
	wheel_module_read(path, &module);
	bool is_promised = module.suffix == WHEEL_SUFFIX_VERSION ||
		module.suffix == WHEEL_SUFFIX_ABI3 || module.suffix == WHEEL_SUFFIX_ABI3T;
	if (is_promised && c->has_filename && !c->report->pure) {
		c->has_broken_module = true;
		wheel_problem(c, WHEEL_PROBLEM_MACHINE_MISMATCH, path,
			"it cannot be loaded: named as an extension module, it is no ELF, PE or Mach-O image");
	}
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
			VEC_EACH (const struct str, symbol, &image->elf.defined) {
				map_put(&c->python_defined, *symbol, image);
			}
		} else if (binary->format == WHEEL_PE) {
			char *lower = wheel_lower(name);
			map_put(&c->dlls, str_from(lower), image);
			free(lower);
		}
	}
}
