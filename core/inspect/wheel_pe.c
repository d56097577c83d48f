#include "core/inspect/wheel_parts.h"

#include <stdlib.h>
#include <string.h>

bool wheel_pe_is_python(struct str dll)
{
	char *name = wheel_lower(dll);
	struct str lower = str_from(name);
	bool is_python = str_starts(lower, "python") && str_ends(lower, ".dll") &&
		lower.p[strlen("python")] >= '0' && lower.p[strlen("python")] <= '9';
	free(name);
	return is_python;
}

/* "python313t.dll" → "cp313t", "python3.dll" → "abi3"; empty if it is no Python's. */
static struct str python_abi_of_dll(struct wheel_report *r, struct str dll)
{
	char *name = wheel_lower(dll);
	struct str rest = str_from(name), abi = {0};
	struct buf text = {0};
	if (wheel_pe_is_python(dll)) {
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

/* Puts the names into the report's arena. */
static void keep_names(struct wheel_report *r, struct pe *pe)
{
	wheel_keep_all(r, pe->dlls.v, pe->dlls.n);
	struct str last = {0}, last_kept = {0}; /* all imports of a DLL share its name's view */
	VEC_EACH (struct pe_import, import, &pe->imports) {
		if (import->dll.p != last.p) {
			last = import->dll;
			last_kept = wheel_keep(r, last);
		}
		import->dll = last_kept;
		import->symbol = wheel_keep(r, import->symbol);
	}
	wheel_keep_all(r, pe->exports.v, pe->exports.n);
	VEC_EACH (struct pe_forward, forward, &pe->forwards) {
		forward->symbol = wheel_keep(r, forward->symbol);
		forward->dll = wheel_keep(r, forward->dll);
		forward->target = wheel_keep(r, forward->target);
	}
}

/* What it takes from Python, and which DLLs it needs only once it calls them. */
static void take_imports(struct wheel_report *r, const struct pe *pe, struct wheel_binary *binary)
{
	VEC(struct str) pythons = {0}, delayed = {0};
	const char *last = NULL;
	bool is_python = false;
	VEC_EACH (const struct pe_import, import, &pe->imports) {
		if (import->dll.p != last) {
			last = import->dll.p;
			is_python = wheel_pe_is_python(import->dll);
			if (import->delayed) {
				*vec_add(&delayed) = import->dll;
			}
		}
		if (is_python && import->symbol.n != 0) {
			*vec_add(&pythons) = import->symbol;
		}
	}
	binary->python_symbols = wheel_copy_texts(r, pythons.v, pythons.n);
	binary->delayed = wheel_copy_texts(r, delayed.v, delayed.n);
	vec_finish(&pythons);
	vec_finish(&delayed);
}

void wheel_pe_take(struct wheel_check *c, struct wheel_binary *binary, struct wheel_image *image,
	struct str bytes, struct err *why)
{
	struct wheel_report *r = c->report;
	struct pe *pe = &image->pe;
	char storage[16];
	if (pe_read(bytes, !image->is_whole, pe, why) != 0) {
		image->is_whole = false;
	}
	if (!wheel_image_may_keep(c, image, why)) {
		pe_finish(pe);
		image->is_whole = false;
	}
	keep_names(r, pe);
	take_imports(r, pe, binary);
	image->is_program = !(pe->characteristics & PE_IS_DLL);
	binary->format = WHEEL_PE;
	binary->machine = wheel_keep(r, str_from(pe_machine_name(pe, storage)));
	binary->needs = wheel_copy_texts(r, pe->dlls.v, pe->dlls.n);
	binary->init_functions = wheel_init_functions(r, pe->exports.v, pe->exports.n);
	VEC_EACH (const struct str, dll, &pe->dlls) {
		struct str abi = python_abi_of_dll(r, *dll);
		if (abi.n != 0) {
			binary->python_abi = abi;
		}
	}
	image->is_other = pe->is_managed ||
		(str_starts(binary->machine, "0x") && !wheel_image_is_named(binary->path));
}
