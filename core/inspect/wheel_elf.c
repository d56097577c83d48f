#include "core/inspect/wheel_parts.h"

#include "core/inspect/policy.h"
#include "core/inspect/stable_abi.h"

#include <stdio.h>

/* Machines of devices that some wheels carry code for: nothing of Python loads it. */
static bool is_device(uint16_t machine)
{
	enum { CUDA = 190, AMDGPU = 224, BPF = 247, VECTOR_ENGINE = 251 };
	return machine == CUDA || machine == AMDGPU || machine == BPF || machine == VECTOR_ENGINE;
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

/* Drops the undefined symbols that no rule asks about. */
static void filter_undefined(struct elf *elf)
{
	size_t kept = 0;
	VEC_EACH (const struct elf_symbol, symbol, &elf->undefined) {
		if (stable_abi_is_python(symbol->name) || policy_knows_symbol(symbol->name)) {
			elf->undefined.v[kept++] = *symbol;
		}
	}
	elf->undefined.n = kept;
}

static void take_undefined(struct wheel_report *r, struct elf *elf, struct wheel_binary *binary)
{
	VEC(struct str) pythons = {0};
	VEC_EACH (struct elf_symbol, symbol, &elf->undefined) {
		symbol->name = wheel_keep(r, symbol->name);
		if (stable_abi_is_python(symbol->name) && !symbol->is_weak) {
			*vec_add(&pythons) = symbol->name;
		}
	}
	binary->python_symbols = wheel_copy_texts(r, pythons.v, pythons.n);
	vec_finish(&pythons);
}

static struct wheel_texts write_versions(struct wheel_report *r, const struct elf *elf)
{
	struct wheel_texts texts = {
		.v = arena_new(&r->arena, (elf->versions.n + 1) * sizeof(struct str)),
		.n = elf->versions.n,
	};
	struct buf text = {0};
	for (size_t i = 0; i < texts.n; i++) {
		const struct elf_need *need = &elf->versions.v[i];
		buf_clear(&text);
		buf_add_str(&text, need->library);
		buf_add_char(&text, ':');
		buf_add_str(&text, need->version);
		texts.v[i] = wheel_keep(r, buf_view(&text));
	}
	buf_finish(&text);
	return texts;
}

void wheel_elf_take(struct wheel_check *c, struct wheel_binary *binary, struct wheel_image *image,
	struct str bytes, struct err *why)
{
	struct wheel_report *r = c->report;
	struct elf *elf = &image->elf;
	char storage[24];
	if (elf_read(bytes, !image->is_whole, elf, why) != 0) {
		image->is_whole = false;
	}
	filter_undefined(elf);
	if (!wheel_image_may_keep(c, image, why)) {
		elf_finish(elf);
		elf->soname = (struct str){0};
		image->is_whole = false;
	}
	take_undefined(r, elf, binary);
	wheel_keep_all(r, elf->needs.v, elf->needs.n);
	wheel_keep_all(r, elf->rpaths.v, elf->rpaths.n);
	wheel_keep_all(r, elf->defined.v, elf->defined.n);
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
	binary->needs = wheel_copy_texts(r, elf->needs.v, elf->needs.n);
	binary->rpaths = wheel_copy_texts(r, elf->rpaths.v, elf->rpaths.n);
	binary->init_functions = wheel_init_functions(r, elf->defined.v, elf->defined.n);
	binary->symbol_versions = write_versions(r, elf);
	binary->soname = elf->soname;
	binary->exec_stack = elf->has_exec_stack;
	binary->text_relocations = elf->has_text_relocations;
	binary->glibc = highest_glibc(r, elf);
	binary->page_size = elf->page_size;
	bool is_known = !str_starts(binary->machine, "0x");
	image->is_other = elf->type == ELF_REL || is_device(elf->machine) ||
		(!is_known && !wheel_image_is_named(binary->path)); /* firmware, say */
	if (elf->type == ELF_REL && is_known) {
		wheel_problem(c, WHEEL_PROBLEM_STRAY_BUILD_FILE, binary->path, "an object file");
	}
}
