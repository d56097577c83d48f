#include "core/inspect/wheel_parts.h"

#include "core/inspect/exports.h"
#include "core/inspect/policy.h"

#include <stdlib.h>

enum { FORWARD_HOPS_MAX = 16 };

/* Where a DLL comes from that an image imports. */
enum source {
	FROM_SYSTEM,
	FROM_PYTHON, /* lies beside python.exe */
	FROM_WHEEL,
	FROM_PYTHON_PERHAPS, /* vcruntime140_1.dll: current Pythons bring it, which is not promised */
	FROM_REDISTRIBUTABLE, /* of Visual C++: on many machines, by luck */
	FROM_NOWHERE,
};

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
	} else if (wheel_pe_is_python(lower) || str_is(lower, "vcruntime140.dll") ||
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

static bool is_delayed(const struct wheel_binary *binary, struct str dll)
{
	for (size_t i = 0; i < binary->delayed.n; i++) {
		if (str_equal(binary->delayed.v[i], dll)) {
			return true;
		}
	}
	return false;
}

static void judge_dlls(
	struct wheel_check *c, const struct wheel_image *image, const struct wheel_binary *binary)
{
	VEC_EACH (const struct str, dll, &image->pe.dlls) {
		bool delayed = is_delayed(binary, *dll); /* it loads, and fails once something calls */
		switch (source_of(c, *dll)) {
		case FROM_NOWHERE:
			wheel_problem_as(c, WHEEL_PROBLEM_MISSING_DLL, delayed ? WHEEL_WARNING : WHEEL_ERROR,
				binary->path, "it needs %.*s%s, which is neither in the wheel nor in Windows",
				STR_ARG(*dll), delayed ? " (delayed)" : "");
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

/* Where a DLL of the wheel has a symbol. */
enum place {
	PLACE_FOUND,
	PLACE_NO_EXPORT, /* not exported, there or where it is forwarded to */
	PLACE_NO_DLL, /* forwarded to a DLL that is nowhere */
	PLACE_CIRCLE, /* forwarded for ever */
};

/* What the DLL exports by that name: itself, a struct pe_forward, or NULL. */
static const void *export_of(struct wheel_image *image, struct str symbol)
{
	if (image->exports.n == 0) {
		VEC_EACH (const struct str, name, &image->pe.exports) {
			map_put(&image->exports, *name, image);
		}
		VEC_EACH (struct pe_forward, forward, &image->pe.forwards) {
			map_put(&image->exports, forward->symbol, forward);
		}
	}
	return map_get(&image->exports, symbol);
}

/* Follows forwarders, which may lead from DLL to DLL. */
static enum place place_of(
	const struct wheel_check *c, struct wheel_image *image, struct str symbol)
{
	for (size_t hops = 0; hops < FORWARD_HOPS_MAX; hops++) {
		const void *found = image->is_whole ? export_of(image, symbol) : image;
		if (found == NULL || found == image) {
			return found == NULL ? PLACE_NO_EXPORT : PLACE_FOUND;
		}
		const struct pe_forward *forward = found;
		char *dll = str_format("%.*s.dll", STR_ARG(forward->dll));
		char *lower = wheel_lower(str_from(dll));
		bool is_nowhere = source_of(c, str_from(lower)) == FROM_NOWHERE;
		image = map_get(&c->dlls, str_from(lower));
		free(lower);
		free(dll);
		if (image == NULL) {
			return is_nowhere ? PLACE_NO_DLL : PLACE_FOUND;
		}
		if (str_starts(forward->target, "#")) {
			return PLACE_FOUND; /* by ordinal: nothing is known against it */
		}
		symbol = forward->target;
	}
	return PLACE_CIRCLE;
}

static void report_place(struct wheel_check *c, const struct wheel_binary *binary,
	enum wheel_severity severity, enum place place, struct str symbol, struct str dll)
{
	static const char *const sentences[] = {
		[PLACE_NO_EXPORT] = "does not export",
		[PLACE_NO_DLL] = "forwards to a DLL that is nowhere",
		[PLACE_CIRCLE] = "forwards in a circle",
	};
	if (place != PLACE_FOUND) {
		wheel_problem_as(c,
			place == PLACE_NO_DLL ? WHEEL_PROBLEM_MISSING_DLL : WHEEL_PROBLEM_MISSING_EXPORT,
			severity, binary->path, "%.*s is what %.*s in the wheel %s", STR_ARG(symbol),
			STR_ARG(dll), sentences[place]);
	}
}

/* A name that the DLL's list has not got: Windows does not load the image, delay-loaded ones fail when
 * they are called. */
static void judge_listed(struct wheel_check *c, const struct wheel_binary *binary,
	const struct exports *listed, const struct pe_import *import)
{
	if (!exports_has(listed, import->symbol)) {
		wheel_problem_as(c, WHEEL_PROBLEM_MISSING_EXPORT,
			import->delayed ? WHEEL_WARNING : WHEEL_ERROR, binary->path,
			"%.*s is nothing that %.*s exports%s", STR_ARG(import->symbol), STR_ARG(import->dll),
			wheel_pe_is_python(import->dll) ? "" : " on Windows up to 11");
	}
}

/* Does each DLL, of the wheel or a known one, have what this image takes from it by name? */
static void judge_imports(
	struct wheel_check *c, const struct wheel_image *image, const struct wheel_binary *binary)
{
	struct wheel_image *from = NULL;
	const struct exports *listed = NULL;
	struct str dll = {0};
	VEC_EACH (const struct pe_import, import, &image->pe.imports) {
		if (import->dll.p != dll.p) {
			dll = import->dll;
			char *lower = wheel_lower(dll);
			from = map_get(&c->dlls, str_from(lower));
			free(lower);
			listed = from == NULL ? exports_find(dll) : NULL;
		}
		if (listed != NULL && import->symbol.n != 0) {
			judge_listed(c, binary, listed, import);
		}
		if (from != NULL && import->symbol.n != 0) {
			report_place(c, binary, import->delayed ? WHEEL_WARNING : WHEEL_ERROR,
				place_of(c, from, import->symbol), import->symbol, dll);
		}
	}
}

/* Its own forwarded exports: an error where Python calls them, else only for who asks. */
static void judge_forwards(
	struct wheel_check *c, struct wheel_image *image, const struct wheel_binary *binary)
{
	VEC_EACH (const struct pe_forward, forward, &image->pe.forwards) {
		bool is_init =
			str_starts(forward->symbol, "PyInit") || str_starts(forward->symbol, "PyModExport");
		report_place(c, binary, is_init ? WHEEL_ERROR : WHEEL_WARNING,
			place_of(c, image, forward->symbol), forward->symbol, wheel_file_name(binary->path));
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
		if (!wheel_pe_is_python(*dll)) {
			continue;
		}
		char *lower = wheel_lower(*dll);
		bool is_debug = str_ends(str_from(lower), "_d.dll");
		free(lower);
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
	if (first.n == 0 && binary->init_functions.n != 0 && image->pe.forwards.n == 0) {
		wheel_problem_as(c, WHEEL_PROBLEM_PYTHON_ABI_MISMATCH, WHEEL_WARNING, binary->path,
			"it is an extension module and imports no Python library");
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
	judge_imports(c, image, binary);
	judge_forwards(c, image, binary);
}
