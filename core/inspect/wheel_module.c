#include "core/inspect/wheel_parts.h"

#include "core/inspect/punycode.h"

#include <string.h>

enum { ABIS_MAX = 8 }; /* of a file name, to be judged one by one */

/* First part of the GNU triplets and Windows platforms that Python puts into suffixes. */
static struct str machine_of(struct str platform)
{
	static const struct {
		const char *text;
		const char *machine;
	} rows[] = {
		{"aarch64-", "aarch64"},
		{"x86_64-", "x86_64"},
		{"i386-", "i686"},
		{"i686-", "i686"},
		{"arm-", "armv7l"},
		{"powerpc64le-", "ppc64le"},
		{"s390x-", "s390x"},
		{"riscv64-", "riscv64"},
		{"loongarch64-", "loongarch64"},
		{"win_arm64", "aarch64"},
		{"win_amd64", "x86_64"},
		{"win32", "i686"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (str_starts(platform, rows[i].text)) {
			return str_from(rows[i].machine);
		}
	}
	return (struct str){0};
}

/* Fills from "cpython-313t-aarch64-linux-gnu" or "cp313-win_arm64" less its prefix. */
static void read_version(struct str text, struct wheel_module *out)
{
	ptrdiff_t dash = str_find(text, '-');
	struct str platform = dash < 0 ? (struct str){0} : str_slice(text, (size_t)dash + 1, text.n);
	out->suffix = WHEEL_SUFFIX_VERSION;
	out->python = str_slice(text, 0, dash < 0 ? text.n : (size_t)dash);
	out->machine = machine_of(platform);
	out->is_musl = str_ends(platform, "-musl");
	out->has_libc = out->is_musl || str_ends(platform, "-gnu");
	if (str_starts(platform, "darwin")) {
		out->format = WHEEL_MACHO;
	}
}

void wheel_module_read(struct str path, struct wheel_module *out)
{
	struct str file = wheel_file_name(path);
	bool is_windows = str_ends(file, ".pyd");
	*out = (struct wheel_module){.format = is_windows ? WHEEL_PE : WHEEL_ELF};
	if (!is_windows && !str_ends(file, ".so")) {
		return;
	}
	struct str stem = str_slice(file, 0, file.n - strlen(is_windows ? ".pyd" : ".so"));
	ptrdiff_t dot = str_find(stem, '.');
	struct str tag = dot < 0 ? (struct str){0} : str_slice(stem, (size_t)dot + 1, stem.n);
	out->name = str_slice(stem, 0, dot < 0 ? stem.n : (size_t)dot);
	out->suffix = is_windows ? WHEEL_SUFFIX_PLAIN : WHEEL_SUFFIX_NONE;
	if (str_is(tag, "abi3")) {
		out->suffix = WHEEL_SUFFIX_ABI3;
	} else if (str_is(tag, "abi3t")) {
		out->suffix = WHEEL_SUFFIX_ABI3T;
	} else if (str_starts(tag, "cpython-")) {
		read_version(str_slice(tag, strlen("cpython-"), tag.n), out);
	} else if (is_windows && str_starts(tag, "cp3")) {
		read_version(str_slice(tag, strlen("cp"), tag.n), out);
	} else if (str_starts(tag, "pypy") || str_starts(tag, "graalpy") || str_starts(tag, "pp3")) {
		out->suffix = WHEEL_SUFFIX_OTHER;
	}
	if (str_is(out->name, "__init__")) { /* the module is the package: its folder's name */
		struct str folder = str_slice(path, 0, path.n - file.n - (file.n != path.n));
		out->name = wheel_file_name(folder);
	}
}

/* Does a Python of that ABI tag look for such a file? */
static bool abi_finds(
	const struct wheel_check *c, struct str abi, const struct wheel_module *module)
{
	bool is_cpython = str_starts(abi, "cp3");
	uint64_t number = 0;
	str_to_u64(str_slice(abi, 2, abi.n - str_ends(abi, "t")), &number);
	if (str_is(abi, "none")) {
		return true; /* for any Python: the name says nothing against it */
	}
	switch (module->suffix) {
	case WHEEL_SUFFIX_VERSION:
		return is_cpython && str_equal(str_slice(abi, 2, abi.n), module->python);
	case WHEEL_SUFFIX_ABI3:
		return str_is(abi, "abi3") || (is_cpython && !str_ends(abi, "t"));
	case WHEEL_SUFFIX_ABI3T:
		/* since 3.15 the ones with the GIL do too (PEP 803) */
		return str_is(abi, "abi3t") || (is_cpython && number >= 315) ||
			(str_is(abi, "abi3") && wheel_abi_lowest_minor(c) >= 15);
	case WHEEL_SUFFIX_OTHER:
		return !is_cpython && !str_starts(abi, "abi3");
	case WHEEL_SUFFIX_PLAIN:
	case WHEEL_SUFFIX_NONE:
		break;
	}
	return true;
}

static bool tags_find(const struct wheel_check *c, const struct wheel_module *module)
{
	struct str rest = c->filename.abis, abi;
	while (str_split(&rest, '.', &abi)) {
		if (abi_finds(c, abi, module)) {
			return true;
		}
	}
	return false;
}

static bool platform_finds(const struct wheel_check *c, const struct wheel_module *module)
{
	/* the C library is part of the name since CPython 3.11; older ones say gnu on musl too */
	uint64_t number = 0;
	struct str digits = module->python;
	if (str_ends(digits, "t")) {
		digits.n--;
	}
	bool libc_counts = module->has_libc && str_to_u64(digits, &number) && number >= 312;
	VEC_EACH (const struct wheel_platform, platform, &c->platforms) {
		bool fits = !platform->is_known ||
			(platform->format == module->format &&
				(module->machine.n == 0 || str_equal(platform->machine, module->machine)) &&
				(!libc_counts || platform->is_musl == module->is_musl));
		if (fits) {
			return true;
		}
	}
	return false;
}

/* "cp313t demo/fast" of "demo/fast.cpython-313t-aarch64-linux-gnu.so" */
static void module_key(struct str abi, struct str path, struct buf *out)
{
	struct str file = wheel_file_name(path);
	ptrdiff_t dot = str_find(file, '.');
	size_t rest = dot < 0 ? 0 : file.n - (size_t)dot;
	buf_clear(out);
	buf_add_str(out, abi);
	buf_add_char(out, ' ');
	buf_add_str(out, str_slice(path, 0, path.n - rest));
}

static size_t count_abis(const struct wheel_check *c)
{
	struct str rest = c->filename.abis, abi;
	size_t n = 0;
	while (str_split(&rest, '.', &abi)) {
		n++;
	}
	return n;
}

void wheel_module_index(struct wheel_check *c)
{
	struct buf key = {0};
	if (!c->has_filename || count_abis(c) < 2 || count_abis(c) > ABIS_MAX) {
		return; /* of one, what it does not find is said without this */
	}
	VEC_EACH (struct wheel_image, image, &c->images) {
		struct str rest = c->filename.abis, abi;
		while (image->module.suffix != WHEEL_SUFFIX_NONE && str_split(&rest, '.', &abi)) {
			if (abi_finds(c, abi, &image->module)) {
				module_key(abi, c->report->binaries.v[image->binary].path, &key);
				map_put(&c->modules, buf_view(&key), image);
			}
		}
	}
	buf_finish(&key);
}

/* The first ABI tag whose Pythons find that module under no name at all; empty if there is none. */
static struct str forgotten_abi(const struct wheel_check *c, struct str path)
{
	struct buf key = {0};
	struct str rest = c->filename.abis, abi, forgotten = {0};
	while (c->modules.n != 0 && forgotten.n == 0 && str_split(&rest, '.', &abi)) {
		module_key(abi, path, &key);
		if (!map_has(&c->modules, buf_view(&key))) {
			forgotten = abi;
		}
	}
	buf_finish(&key);
	return forgotten;
}

static void judge_suffix(struct wheel_check *c, struct wheel_image *image)
{
	const struct wheel_module *module = &image->module;
	const struct wheel_binary *binary = &c->report->binaries.v[image->binary];
	struct str file = wheel_file_name(binary->path);
	struct str tag = c->report->tags.v[0];
	if (!tags_find(c, module)) {
		wheel_problem(c, WHEEL_PROBLEM_SUFFIX_MISMATCH, binary->path,
			"no Python of %.*s looks for the name %.*s", STR_ARG(tag), STR_ARG(file));
	} else if (!platform_finds(c, module)) {
		wheel_problem(c, WHEEL_PROBLEM_SUFFIX_MISMATCH, binary->path,
			"%.*s is a name for another platform than that of %.*s", STR_ARG(file), STR_ARG(tag));
	} else if (wheel_machine_fits(c, binary) &&
		((module->machine.n != 0 && !str_equal(module->machine, binary->machine)) ||
			module->format != binary->format)) {
		/* in a wheel for several platforms: each is named, but not by the same file */
		wheel_problem(c, WHEEL_PROBLEM_SUFFIX_MISMATCH, binary->path,
			"the code is for %.*s, the name is not", STR_ARG(binary->machine));
	} else if (forgotten_abi(c, binary->path).n != 0) {
		wheel_problem(c, WHEEL_PROBLEM_SUFFIX_MISMATCH, binary->path,
			"no Python of %.*s, which the wheel is for too, looks for the name %.*s",
			STR_ARG(forgotten_abi(c, binary->path)), STR_ARG(file));
	}
}

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] >= 0x80) {
			return false;
		}
	}
	return true;
}

/* What follows "PyInit_" or, for names beyond ASCII, "PyInitU_" (PEP 489). */
static void spell_module(struct str module, struct buf *out)
{
	if (is_ascii(module)) {
		buf_add_str(out, module);
	} else if (punycode_encode(module, out)) {
		for (size_t i = 0; i < out->n; i++) {
			out->p[i] = (char)(out->p[i] == '-' ? '_' : out->p[i]);
		}
	}
}

static bool defines_init(const struct wheel_binary *binary, struct str module)
{
	static const char *const plain[] = {"PyInit_", "PyModExport_"};
	static const char *const encoded[] = {"PyInitU_", "PyModExportU_"};
	const char *const *prefixes = is_ascii(module) ? plain : encoded;
	struct buf name = {0};
	bool found = false;
	spell_module(module, &name);
	for (size_t i = 0; i < binary->init_functions.n; i++) {
		struct str symbol = binary->init_functions.v[i];
		for (size_t k = 0; k < 2; k++) {
			found = found ||
				(str_starts(symbol, prefixes[k]) &&
					str_equal(str_slice(symbol, strlen(prefixes[k]), symbol.n), buf_view(&name)));
		}
	}
	buf_finish(&name);
	return found;
}

void wheel_module_judge(struct wheel_check *c, struct wheel_image *image)
{
	const struct wheel_module *module = &image->module;
	const struct wheel_binary *binary = &c->report->binaries.v[image->binary];
	if (module->suffix == WHEEL_SUFFIX_NONE) {
		return;
	}
	if (c->has_filename && !c->report->pure && c->report->tags.n != 0) {
		judge_suffix(c, image);
	}
	bool is_loadable = !c->has_filename || wheel_machine_fits(c, binary);
	if (is_loadable && image->is_whole && binary->format != WHEEL_MACHO &&
		module->suffix != WHEEL_SUFFIX_OTHER && !defines_init(binary, module->name)) {
		wheel_problem(c, WHEEL_PROBLEM_NO_INIT_FUNCTION, binary->path, "it defines no PyInit_%.*s",
			STR_ARG(module->name));
	}
}
