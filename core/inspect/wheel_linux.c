#include "core/inspect/wheel_parts.h"

#include "core/inspect/policy.h"

#include <stdio.h>

enum { PAGE_SIZE_MAX = 64 << 10 }; /* of the kernels that 64-bit ARM is run with */

/* The strictest policy that the wheel claims for this machine; with no claim (linux_aarch64), that of
 * the target asked about. NULL if there is none to judge by. */
static const struct policy *claimed_policy(const struct wheel_check *c, struct str machine)
{
	const struct policy *strictest = NULL;
	VEC_EACH (const struct wheel_platform, platform, &c->platforms) {
		const struct policy *p = platform->policy;
		if (p != NULL && str_is(machine, p->machine) &&
			(strictest == NULL || p->major < strictest->major ||
				(p->major == strictest->major && p->minor < strictest->minor))) {
			strictest = p;
		}
	}
	if (strictest == NULL && c->has_target) {
		strictest = policy_find(pep_target_platform(&c->target));
		if (strictest != NULL && !str_is(machine, strictest->machine)) {
			strictest = NULL;
		}
	}
	return strictest;
}

static bool needs_library(const struct wheel_image *image, const char *soname)
{
	VEC_EACH (const struct str, need, &image->elf.needs) {
		if (str_is(*need, soname)) {
			return true;
		}
	}
	return false;
}

/* The first symbol that the image takes from a library which keeps it for itself; or empty. */
static struct str private_symbol(
	const struct wheel_image *image, const struct policy *p, const char **library)
{
	for (const struct policy_private *list = p->privates; list->library != NULL; list++) {
		if (!needs_library(image, list->library)) {
			continue;
		}
		VEC_EACH (const struct elf_symbol, symbol, &image->elf.undefined) {
			if (!policy_allows_symbol(p, str_from(list->library), symbol->name)) {
				*library = list->library;
				return symbol->name;
			}
		}
	}
	return (struct str){0};
}

static bool version_counts(const struct wheel_check *c, const struct elf_need *need)
{
	return !map_has(&c->sonames, need->library); /* what the wheel brings has what it needs */
}

static bool library_counts(const struct wheel_check *c, struct str soname)
{
	return !map_has(&c->sonames, wheel_file_name(soname));
}

static bool keeps_policy(
	const struct wheel_check *c, const struct wheel_image *image, const struct policy *p)
{
	const char *library;
	VEC_EACH (const struct elf_need, need, &image->elf.versions) {
		if (version_counts(c, need) && !policy_allows_version(p, need->version)) {
			return false;
		}
	}
	VEC_EACH (const struct str, need, &image->elf.needs) {
		if (library_counts(c, *need) && !policy_allows_library(p, *need)) {
			return false;
		}
	}
	return private_symbol(image, p, &library).n == 0;
}

static void judge_policy(struct wheel_check *c, const struct wheel_image *image,
	const struct wheel_binary *binary, const struct policy *p)
{
	struct buf versions = {0};
	VEC_EACH (const struct elf_need, need, &image->elf.versions) {
		if (version_counts(c, need) && !policy_allows_version(p, need->version)) {
			buf_printf(&versions, "%s%.*s of %.*s", versions.n != 0 ? ", " : "",
				STR_ARG(need->version), STR_ARG(need->library));
		}
	}
	if (versions.n != 0) {
		wheel_problem(c, WHEEL_PROBLEM_GLIBC_TOO_NEW, binary->path,
			"it needs %.*s, which %s_%s does not have", STR_ARG(buf_view(&versions)), p->name,
			p->machine);
	}
	buf_finish(&versions);
	VEC_EACH (const struct str, need, &image->elf.needs) {
		if (str_find(*need, '/') >= 0) {
			wheel_problem(c, WHEEL_PROBLEM_LIBRARY_NOT_ALLOWED, binary->path,
				"it needs %.*s by a path, which no other system has", STR_ARG(*need));
		} else if (library_counts(c, *need) && !policy_allows_library(p, *need)) {
			wheel_problem(c, WHEEL_PROBLEM_LIBRARY_NOT_ALLOWED, binary->path,
				"it needs %.*s, which is neither in the wheel nor in %s_%s", STR_ARG(*need),
				p->name, p->machine);
		}
	}
	const char *library = "";
	struct str symbol = private_symbol(image, p, &library);
	if (symbol.n != 0) {
		wheel_problem(c, WHEEL_PROBLEM_LIBRARY_NOT_ALLOWED, binary->path,
			"it takes %.*s, which %s keeps for itself", STR_ARG(symbol), library);
	}
}

/* How many folders lie above the file, below site-packages. */
static size_t depth_of(struct str path)
{
	size_t depth = 0;
	struct str part, folder;
	struct str rest = path;
	str_split(&rest, '/', &folder);
	if (str_ends(folder, ".data")) { /* "x-1.0.data/purelib/" unpacks into site-packages */
		str_split(&rest, '/', &part);
		path = rest;
	}
	for (size_t i = 0; i < path.n; i++) {
		depth += path.p[i] == '/';
	}
	return depth;
}

/* $ORIGIN/…, and never above site-packages. */
static bool rpath_is_fine(struct str rpath, size_t depth)
{
	struct str part;
	if (!str_split(&rpath, '/', &part) || !(str_is(part, "$ORIGIN") || str_is(part, "${ORIGIN}"))) {
		return false;
	}
	while (str_split(&rpath, '/', &part)) {
		if (str_is(part, "..")) {
			if (depth-- == 0) {
				return false;
			}
		} else if (part.n != 0 && !str_is(part, ".")) {
			depth++;
		}
	}
	return true;
}

static void judge_rpaths(
	struct wheel_check *c, const struct wheel_image *image, const struct wheel_binary *binary)
{
	size_t depth = depth_of(binary->path);
	VEC_EACH (const struct str, rpaths, &image->elf.rpaths) {
		struct str rest = *rpaths, rpath;
		while (rpaths->n != 0 && str_split(&rest, ':', &rpath)) {
			if (!rpath_is_fine(rpath, depth)) {
				wheel_problem(c, WHEEL_PROBLEM_BAD_RPATH, binary->path,
					"it looks for libraries in \"%.*s\", outside of what is installed",
					STR_ARG(rpath));
			}
		}
	}
}

void wheel_linux_judge(struct wheel_check *c, struct wheel_image *image)
{
	const struct wheel_binary *binary = &c->report->binaries.v[image->binary];
	const struct elf *elf = &image->elf;
	if (binary->format != WHEEL_ELF || !wheel_machine_fits(c, binary)) {
		return;
	}
	if (elf->machine == ELF_AARCH64 && elf->page_size != 0 && elf->page_size < PAGE_SIZE_MAX) {
		wheel_problem(c, WHEEL_PROBLEM_PAGE_ALIGNMENT, binary->path,
			"a segment is aligned to %llu bytes, kernels with 64 KiB pages want 65536",
			(unsigned long long)elf->page_size);
	}
	if (elf->is_misaligned) {
		wheel_problem_as(c, WHEEL_PROBLEM_PAGE_ALIGNMENT, WHEEL_ERROR, binary->path,
			"a segment's address and place in the file differ modulo its alignment: no kernel "
			"loads it");
	}
	if (!image->is_whole) {
		return;
	}
	const struct policy *policy = claimed_policy(c, binary->machine);
	if (policy != NULL) {
		judge_policy(c, image, binary, policy);
	}
	judge_rpaths(c, image, binary);
	if (elf->has_exec_stack) {
		wheel_problem(c, WHEEL_PROBLEM_EXEC_STACK, binary->path, "it asks for an executable stack");
	}
	if (elf->has_text_relocations) {
		wheel_problem(c, WHEEL_PROBLEM_TEXT_RELOCATION, binary->path,
			"its code is changed when it is loaded (DT_TEXTREL)");
	}
}

static bool is_musl(const struct wheel_check *c)
{
	VEC_EACH (const struct wheel_platform, platform, &c->platforms) {
		if (platform->is_musl) {
			return true;
		}
	}
	VEC_EACH (const struct wheel_image, image, &c->images) {
		VEC_EACH (const struct str, need, &image->elf.needs) {
			if (str_starts(*need, "libc.musl-")) {
				return true;
			}
		}
	}
	return false;
}

static bool all_keep(const struct wheel_check *c, const struct policy *p)
{
	VEC_EACH (const struct wheel_image, image, &c->images) {
		const struct wheel_binary *binary = &c->report->binaries.v[image->binary];
		if (binary->format == WHEEL_ELF && !image->is_other &&
			(!image->is_whole ||
				(str_is(binary->machine, p->machine) && !keeps_policy(c, image, p)))) {
			return false;
		}
	}
	return true;
}

static bool is_newer(struct str a, struct str b)
{
	unsigned numbers[4] = {0};
	char text[64];
	const struct str both[] = {a, b};
	for (size_t i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "GLIBC_%.*s", STR_ARG(both[i]));
		policy_glibc_version(str_from(text), &numbers[i * 2], &numbers[i * 2 + 1]);
	}
	return numbers[0] > numbers[2] || (numbers[0] == numbers[2] && numbers[1] > numbers[3]);
}

void wheel_linux_summary(struct wheel_check *c)
{
	struct wheel_report *r = c->report;
	struct str machine = {0};
	VEC_EACH (const struct wheel_image, image, &c->images) {
		const struct wheel_binary *binary = &r->binaries.v[image->binary];
		if (binary->format != WHEEL_ELF || image->is_other) {
			continue;
		}
		if (machine.n == 0 && wheel_machine_fits(c, binary)) {
			machine = binary->machine;
		}
		if (is_newer(binary->glibc, r->glibc)) {
			r->glibc = binary->glibc;
		}
	}
	const struct policy *p = machine.n != 0 ? policy_first(machine, is_musl(c)) : NULL;
	const struct policy *claimed = machine.n != 0 ? claimed_policy(c, machine) : NULL;
	if (claimed != NULL && claimed->is_musl) {
		p = claimed; /* nothing in the files tells one musl from the next: no lower than the tag */
	}
	while (p != NULL && !all_keep(c, p)) {
		p = policy_next(p);
	}
	if (p != NULL) {
		struct buf name = {0};
		buf_printf(&name, "%s_%s", p->name, p->machine);
		r->manylinux = wheel_keep(r, buf_view(&name));
		buf_finish(&name);
	}
}
