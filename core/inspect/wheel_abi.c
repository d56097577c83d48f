#include "core/inspect/wheel_parts.h"

#include "core/inspect/stable_abi.h"

#include <string.h>

enum { NAMES_SHOWN = 5 };

/* What an image promises to do without. */
struct promise {
	bool is_stable; /* what is not of the Stable ABI */
	bool is_threaded; /* what abi3t does not have */
	unsigned minor; /* what came after Python 3.MINOR; 0: nothing is promised of that */
};

/* "cp39" → 9, "cp313" → 13; false for others. */
static bool take_minor(struct str python, unsigned *minor)
{
	uint64_t number;
	if (!str_starts(python, "cp3") || !str_to_u64(str_slice(python, 3, python.n), &number) ||
		number > 999) {
		return false;
	}
	*minor = (unsigned)number;
	return true;
}

unsigned wheel_abi_lowest_minor(const struct wheel_check *c)
{
	struct str rest = c->filename.pythons, python;
	unsigned lowest = 0, minor;
	while (str_split(&rest, '.', &python)) {
		if (take_minor(python, &minor) && (lowest == 0 || minor < lowest)) {
			lowest = minor;
		}
	}
	return lowest;
}

static bool has_abi(const struct wheel_check *c, const char *name)
{
	struct str rest = c->filename.abis, abi;
	while (str_split(&rest, '.', &abi)) {
		if (str_is(abi, name)) {
			return true;
		}
	}
	return false;
}

/* An abi3 wheel is for its lowest Python and all after it. One of ABI none promises as much by its
 * modules' names. python3.dll has nothing but the Stable ABI, whatever the tag. */
static struct promise promise_of(const struct wheel_check *c, const struct wheel_image *image)
{
	const struct wheel_binary *binary = &c->report->binaries.v[image->binary];
	struct promise promise = {0};
	bool is_none = has_abi(c, "none");
	promise.is_threaded =
		has_abi(c, "abi3t") || (is_none && image->module.suffix == WHEEL_SUFFIX_ABI3T);
	promise.is_stable = promise.is_threaded || has_abi(c, "abi3") ||
		(is_none && image->module.suffix == WHEEL_SUFFIX_ABI3) ||
		(binary->format == WHEEL_PE &&
			(str_is(binary->python_abi, "abi3") || str_is(binary->python_abi, "abi3t")));
	promise.minor = wheel_abi_lowest_minor(c);
	return promise;
}

/* A list for people, cut after a few. */
struct names {
	struct buf text;
	size_t n;
};

static void names_add(struct names *names, struct str symbol, unsigned minor)
{
	if (names->n < NAMES_SHOWN) {
		buf_printf(&names->text, "%s%.*s", names->n != 0 ? ", " : "", STR_ARG(symbol));
		if (minor != 0) {
			buf_printf(&names->text, " (3.%u)", minor);
		}
	} else if (names->n == NAMES_SHOWN) {
		buf_add_text(&names->text, ", …");
	}
	names->n++;
}

static bool is_there(const struct stable_abi *row, enum wheel_format format)
{
	return row->condition == STABLE_ABI_ANY ||
		(row->condition == STABLE_ABI_WINDOWS && format == WHEEL_PE) ||
		(row->condition == STABLE_ABI_UNIX && format != WHEEL_PE);
}

static void judge_symbols(
	struct wheel_check *c, const struct wheel_binary *binary, const struct promise *promise)
{
	struct names foreign = {0}, newer = {0}, opaque = {0};
	for (size_t i = 0; i < binary->python_symbols.n; i++) {
		struct str symbol = binary->python_symbols.v[i];
		const struct stable_abi *row = stable_abi_find(symbol);
		if (map_has(&c->python_defined, symbol)) {
			continue; /* another library of the wheel has it */
		}
		if (row == NULL || !is_there(row, binary->format)) {
			names_add(&foreign, symbol, 0);
		} else if (promise->is_threaded && row->is_opaque) {
			names_add(&opaque, symbol, 0);
		} else if (promise->minor != 0 && row->minor > promise->minor) {
			names_add(&newer, symbol, row->minor);
		}
	}
	if (foreign.n != 0) {
		wheel_problem(c, WHEEL_PROBLEM_ABI3_VIOLATION, binary->path,
			"it takes %zu symbol%s from Python that the Stable ABI does not have: %.*s", foreign.n,
			foreign.n == 1 ? "" : "s", STR_ARG(buf_view(&foreign.text)));
	}
	if (newer.n != 0) {
		wheel_problem(c, WHEEL_PROBLEM_ABI3_VIOLATION, binary->path,
			"the wheel is for Python 3.%u, whose Stable ABI lacks %.*s", promise->minor,
			STR_ARG(buf_view(&newer.text)));
	}
	if (opaque.n != 0) {
		wheel_problem(c, WHEEL_PROBLEM_ABI3_VIOLATION, binary->path,
			"abi3t has no PyModuleDef for %.*s", STR_ARG(buf_view(&opaque.text)));
	}
	buf_finish(&foreign.text);
	buf_finish(&newer.text);
	buf_finish(&opaque.text);
}

/* Only the export hook of PEP 793 works without a PyModuleDef (PEP 803). */
static void judge_hook(struct wheel_check *c, const struct wheel_binary *binary)
{
	bool has_init = false, has_hook = false;
	for (size_t i = 0; i < binary->init_functions.n; i++) {
		bool is_hook = str_starts(binary->init_functions.v[i], "PyModExport");
		has_hook = has_hook || is_hook;
		has_init = has_init || !is_hook;
	}
	if (has_init && !has_hook) {
		wheel_problem(c, WHEEL_PROBLEM_ABI3_VIOLATION, binary->path,
			"it defines a PyInit function and no PyModExport function, which abi3t needs");
	}
}

static bool takes(const struct wheel_binary *binary, const char *symbol)
{
	for (size_t i = 0; i < binary->python_symbols.n; i++) {
		if (str_is(binary->python_symbols.v[i], symbol)) {
			return true;
		}
	}
	return false;
}

/* Py_DECREF shows for which kind of Python code was compiled: two symbols that only a free-threaded one
 * has, or the one that its headers never use. */
static void judge_threads(struct wheel_check *c, const struct wheel_binary *binary)
{
	struct str rest = c->filename.abis, abi;
	bool is_with_lock = false, is_threaded = true;
	while (str_split(&rest, '.', &abi)) {
		bool counts = str_starts(abi, "cp3") && str_ends(abi, "t");
		is_with_lock = is_with_lock || (str_starts(abi, "cp3") && !counts);
		is_threaded = is_threaded && counts;
	}
	bool shares = takes(binary, "_Py_MergeZeroLocalRefcount") || takes(binary, "_Py_DecRefShared");
	if (is_with_lock && shares) {
		wheel_problem(c, WHEEL_PROBLEM_PYTHON_ABI_MISMATCH, binary->path,
			"it counts references as only a free-threaded Python does (_Py_DecRefShared, …)");
	} else if (is_threaded && !shares && takes(binary, "_Py_Dealloc")) {
		wheel_problem_as(c, WHEEL_PROBLEM_PYTHON_ABI_MISMATCH, WHEEL_WARNING, binary->path,
			"it counts references as only a Python with the GIL does (_Py_Dealloc)");
	}
}

void wheel_abi_judge(struct wheel_check *c, struct wheel_image *image)
{
	const struct wheel_binary *binary = &c->report->binaries.v[image->binary];
	if (!c->has_filename || c->report->pure || !image->is_whole || binary->format == WHEEL_MACHO ||
		!wheel_machine_fits(c, binary)) {
		return;
	}
	struct promise promise = promise_of(c, image);
	if (promise.is_stable) {
		judge_symbols(c, binary, &promise);
	}
	if (promise.is_threaded) {
		judge_hook(c, binary);
	}
	if (binary->format == WHEEL_ELF) {
		judge_threads(c, binary);
	}
}
