#include "core/inspect/wheel_parts.h"

#include "core/inspect/policy.h"

#include <stdlib.h>

/* Where a DLL comes from that an image imports. */
enum source {
	FROM_SYSTEM,
	FROM_PYTHON, /* lies beside python.exe */
	FROM_WHEEL,
	FROM_PYTHON_PERHAPS, /* vcruntime140_1.dll: current Pythons bring it, which is not promised */
	FROM_REDISTRIBUTABLE, /* of Visual C++: on many machines, by luck */
	FROM_NOWHERE,
};

static bool is_python(struct str lower)
{
	return str_starts(lower, "python") && lower.n > 6 && lower.p[6] >= '0' && lower.p[6] <= '9';
}

static bool is_redistributable(struct str lower)
{
	static const char *const prefixes[] = {
		"msvcp1", "concrt1", "vcomp1", "vcruntime1", "vccorlib1", "vcamp1", "mfc1"};
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (str_starts(lower, prefixes[i])) {
			return true;
		}
	}
	return false;
}

static enum source source_of(const struct wheel_check *c, struct str dll)
{
	char *name = wheel_lower(dll);
	struct str lower = str_from(name);
	enum source source = FROM_NOWHERE;
	if (map_has(&c->dlls, lower)) {
		source = FROM_WHEEL;
	} else if (policy_windows_has(lower)) {
		source = FROM_SYSTEM;
	} else if (is_python(lower) || str_is(lower, "vcruntime140.dll") ||
		str_starts(lower, "libpypy") || str_is(lower, "python-native.dll")) {
		source = FROM_PYTHON;
	} else if (str_is(lower, "vcruntime140_1.dll")) {
		source = FROM_PYTHON_PERHAPS;
	} else if (is_redistributable(lower)) {
		source = FROM_REDISTRIBUTABLE;
	}
	free(name);
	return source;
}

static void judge_dlls(
	struct wheel_check *c, const struct wheel_image *image, const struct wheel_binary *binary)
{
	VEC_EACH (const struct str, dll, &image->pe.dlls) {
		switch (source_of(c, *dll)) {
		case FROM_NOWHERE:
			wheel_problem(c, WHEEL_PROBLEM_MISSING_DLL, binary->path,
				"it needs %.*s, which is neither in the wheel nor in Windows", STR_ARG(*dll));
			break;
		case FROM_REDISTRIBUTABLE:
			wheel_problem_as(c, WHEEL_PROBLEM_MISSING_DLL, WHEEL_WARNING, binary->path,
				"it needs %.*s, which is there only if the Visual C++ runtime was installed",
				STR_ARG(*dll));
			break;
		case FROM_PYTHON_PERHAPS:
			wheel_problem_as(c, WHEEL_PROBLEM_MISSING_DLL, WHEEL_NOTE, binary->path,
				"it needs %.*s, which current Pythons bring along", STR_ARG(*dll));
			break;
		case FROM_SYSTEM:
		case FROM_PYTHON:
		case FROM_WHEEL:
			break;
		}
	}
}

static bool exports(struct wheel_image *image, struct str symbol)
{
	if (image->exports.n == 0) {
		VEC_EACH (struct str, name, &image->pe.exports) {
			map_put(&image->exports, *name, name);
		}
	}
	return map_has(&image->exports, symbol);
}

/* Does each DLL of the wheel have what this image takes from it by name? */
static void judge_exports(
	struct wheel_check *c, const struct wheel_image *image, const struct wheel_binary *binary)
{
	struct wheel_image *from = NULL;
	struct str dll = {0};
	VEC_EACH (const struct pe_import, import, &image->pe.imports) {
		if (import->dll.p != dll.p) {
			dll = import->dll;
			char *lower = wheel_lower(dll);
			from = map_get(&c->dlls, str_from(lower));
			free(lower);
		}
		if (from != NULL && from->is_whole && import->symbol.n != 0 &&
			!exports(from, import->symbol)) {
			wheel_problem_as(c, WHEEL_PROBLEM_MISSING_EXPORT,
				import->delayed ? WHEEL_WARNING : WHEEL_ERROR, binary->path,
				"it imports %.*s, which %.*s in the wheel does not export", STR_ARG(import->symbol),
				STR_ARG(dll));
		}
	}
}

/* May an image that imports the Python library of `abi` be in a wheel of that ABI tag? */
static bool abi_fits(struct str abi, struct str tag)
{
	bool is_cpython = str_starts(tag, "cp3");
	bool is_threaded = str_ends(tag, "t");
	uint64_t number = 0;
	if (is_cpython) {
		str_to_u64(str_slice(tag, 2, tag.n - is_threaded), &number);
	}
	if (str_equal(abi, tag) || str_is(tag, "none") || (!is_cpython && !str_starts(tag, "abi3"))) {
		return true;
	}
	return (str_is(abi, "abi3") && is_cpython && !is_threaded) ||
		(str_is(abi, "abi3t") && number >= 315);
}

static bool abi_fits_any(const struct wheel_check *c, struct str abi)
{
	struct str rest = c->filename.abis, tag;
	while (str_split(&rest, '.', &tag)) {
		if (abi_fits(abi, tag)) {
			return true;
		}
	}
	return false;
}

static void judge_python(
	struct wheel_check *c, const struct wheel_image *image, const struct wheel_binary *binary)
{
	struct str first = {0};
	VEC_EACH (const struct str, dll, &image->pe.dlls) {
		char *lower = wheel_lower(*dll);
		bool counts = is_python(str_from(lower));
		bool is_debug = str_ends(str_from(lower), "_d.dll");
		free(lower);
		if (!counts) {
			continue;
		}
		if (first.n != 0) {
			wheel_problem(c, WHEEL_PROBLEM_PYTHON_ABI_MISMATCH, binary->path,
				"it imports two Python libraries, %.*s and %.*s", STR_ARG(first), STR_ARG(*dll));
		} else if (is_debug) {
			wheel_problem(c, WHEEL_PROBLEM_PYTHON_ABI_MISMATCH, binary->path,
				"it imports %.*s, which only a debug build of Python has", STR_ARG(*dll));
		} else if (!abi_fits_any(c, binary->python_abi)) {
			wheel_problem(c, WHEEL_PROBLEM_PYTHON_ABI_MISMATCH, binary->path,
				"it imports %.*s, the wheel's ABI is %.*s", STR_ARG(*dll),
				STR_ARG(c->filename.abis));
		}
		first = *dll;
	}
}

void wheel_windows_judge(struct wheel_check *c, struct wheel_image *image)
{
	const struct wheel_binary *binary = &c->report->binaries.v[image->binary];
	if (binary->format != WHEEL_PE || !image->is_whole || !wheel_machine_fits(c, binary)) {
		return;
	}
	judge_python(c, image, binary);
	judge_dlls(c, image, binary);
	judge_exports(c, image, binary);
}
