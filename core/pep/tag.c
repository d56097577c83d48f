#include "core/pep/tag.h"

#include "core/pep/ascii.h"
/* The order, for Python X.Y with P platform tags (PEP 425, packaging.tags.cpython_tags and
 * compatible_tags):
 *   cpXY-cpXY[t]-platforms            P
 *   cpXY-abi3[t]-platforms            P
 *   cpXY-none-platforms               P
 *   cpX(Y-1)…cpX2-abi3[t]-platforms   (Y-2) P
 *   pyXY, pyX, pyX(Y-1)…pyX0-none-platforms   (Y+2) P
 *   cpXY-none-any                     1
 *   pyXY, pyX, pyX(Y-1)…pyX0-none-any Y+2 */

enum {
	OLDEST_ABI3_MINOR = 2, /* PEP 384; pip counts abi3t from there too */
	OLDEST_MANYLINUX_MINOR = 17 /* on all but x86; manylinux2014 is its old name */
};

static bool is_arch(const struct tag_target *target, struct str s)
{
	return str_equal_nocase(s, target->arch);
}

/* Platforms */

/* How many manylinux minors the target accepts: its own down to 17 (x86: 5). */
static int oldest_manylinux(const struct tag_target *target)
{
	return str_is(target->arch, "x86_64") || str_is(target->arch, "i686") ? 5
																		  : OLDEST_MANYLINUX_MINOR;
}

/* The old names stand right behind the new name of the same glibc. */
static const struct {
	const char *name;
	int minor;
} legacy[] = {{"manylinux2014_", 17}, {"manylinux2010_", 12}, {"manylinux1_", 5}};
enum { LEGACY_COUNT = sizeof legacy / sizeof *legacy };

/* The number of old names for glibc versions in (minor, libc_minor]. */
static int legacy_above(const struct tag_target *target, int minor)
{
	int count = 0;
	for (int i = 0; i < LEGACY_COUNT; i++) {
		count += legacy[i].minor > minor && legacy[i].minor <= target->libc_minor &&
			legacy[i].minor >= oldest_manylinux(target);
	}
	return count;
}

static int manylinux_rank(const struct tag_target *target, int minor, bool old_name)
{
	if (minor > target->libc_minor || minor < oldest_manylinux(target)) {
		return -1;
	}
	/* linux_ARCH comes first since packaging 26.3 */
	return 1 + (target->libc_minor - minor) + legacy_above(target, minor) + old_name;
}

static int manylinux_count(const struct tag_target *target)
{
	int oldest = oldest_manylinux(target);
	if (target->libc_minor < oldest) {
		return 1;
	}
	return 1 + (target->libc_minor - oldest + 1) + legacy_above(target, oldest - 1);
}

struct tag_system tag_system_parse(struct str text)
{
	struct tag_system out = {.kind = TAG_SYSTEM_OTHER};
	struct str rest = text;
	if (str_equal_nocase(text, STR("any"))) {
		out.kind = TAG_SYSTEM_ANY;
	} else if (ascii_take_text(&rest, "win_")) {
		out = (struct tag_system){.kind = TAG_SYSTEM_WINDOWS, .arch = rest};
	} else if (ascii_take_text(&rest, "linux_")) {
		out = (struct tag_system){.kind = TAG_SYSTEM_LINUX, .arch = rest};
	} else if (ascii_take_text(&rest, "manylinux_") || ascii_take_text(&rest, "musllinux_")) {
		bool musl = ascii_lower(text.p[1]) == 'u';
		if (ascii_take_number(&rest, &out.libc_major) && ascii_take_text(&rest, "_") &&
			ascii_take_number(&rest, &out.libc_minor) && ascii_take_text(&rest, "_")) {
			out.kind = musl ? TAG_SYSTEM_MUSLLINUX : TAG_SYSTEM_MANYLINUX;
			out.arch = rest;
		}
	} else {
		for (int i = 0; i < LEGACY_COUNT; i++) {
			if (ascii_take_text(&rest, legacy[i].name)) {
				out = (struct tag_system){.kind = TAG_SYSTEM_MANYLINUX,
					.old_name = true,
					.libc_major = 2,
					.libc_minor = legacy[i].minor,
					.arch = rest};
				break;
			}
		}
	}
	return out;
}

int tag_system_rank(const struct tag_target *target, const struct tag_system *s)
{
	enum tag_system_kind own = target->platform == TAG_WINDOWS ? TAG_SYSTEM_WINDOWS
		: target->platform == TAG_MUSLLINUX                    ? TAG_SYSTEM_MUSLLINUX
															   : TAG_SYSTEM_MANYLINUX;
	bool plain = s->kind == TAG_SYSTEM_LINUX && own != TAG_SYSTEM_WINDOWS;
	if ((s->kind != own && !plain) || !is_arch(target, s->arch)) {
		return -1;
	}
	if (plain || own == TAG_SYSTEM_WINDOWS) {
		return 0;
	}
	if (s->libc_major != target->libc_major) {
		return -1;
	}
	if (own == TAG_SYSTEM_MANYLINUX) {
		return manylinux_rank(target, s->libc_minor, s->old_name);
	}
	return s->libc_minor <= target->libc_minor ? 1 + target->libc_minor - s->libc_minor : -1;
}

int tag_platform_rank(const struct tag_target *target, struct str platform)
{
	struct tag_system s = tag_system_parse(platform);
	return tag_system_rank(target, &s);
}

static int platform_count(const struct tag_target *target)
{
	switch (target->platform) {
	case TAG_WINDOWS:
		return 1;
	case TAG_MANYLINUX:
		return manylinux_count(target);
	case TAG_MUSLLINUX:
		return 2 + target->libc_minor;
	}
	return 0;
}

static void platform_write(const struct tag_target *target, int rank, struct buf *out)
{
	struct str arch = target->arch;
	if (target->platform == TAG_WINDOWS) {
		buf_printf(out, "win_%.*s", STR_ARG(arch));
		return;
	}
	if (rank == 0) {
		buf_printf(out, "linux_%.*s", STR_ARG(arch));
		return;
	}
	if (target->platform == TAG_MUSLLINUX) {
		buf_printf(out, "musllinux_%d_%d_%.*s", target->libc_major, target->libc_minor - (rank - 1),
			STR_ARG(arch));
		return;
	}
	for (int minor = target->libc_minor; minor >= oldest_manylinux(target); minor--) {
		if (manylinux_rank(target, minor, false) == rank) {
			buf_printf(out, "manylinux_2_%d_%.*s", minor, STR_ARG(arch));
		}
	}
	for (int i = 0; i < LEGACY_COUNT; i++) {
		if (manylinux_rank(target, legacy[i].minor, true) == rank) {
			buf_printf(out, "%s%.*s", legacy[i].name, STR_ARG(arch));
		}
	}
}

/* Pythons and ABIs */

/* The number behind "cp" or "py": X alone gives minor -1, XY gives both. */
static bool take_version(struct str *s, int *major, int *minor)
{
	if (s->n == 0 || !ascii_is_digit(s->p[0])) {
		return false;
	}
	*major = s->p[0] - '0';
	*minor = -1;
	*s = str_slice(*s, 1, s->n);
	return s->n == 0 || !ascii_is_digit(s->p[0]) || ascii_take_number(s, minor);
}

static void parse_abi(struct str abi, struct tag_interpreter *out)
{
	if (str_equal_nocase(abi, STR("none"))) {
		out->abi = TAG_ABI_NONE;
	} else if (str_equal_nocase(abi, STR("abi3"))) {
		out->abi = TAG_ABI_STABLE;
	} else if (str_equal_nocase(abi, STR("abi3t"))) {
		out->abi = TAG_ABI_STABLE_FREE;
	} else if (ascii_take_text(&abi, "cp") &&
		take_version(&abi, &out->abi_major, &out->abi_minor)) {
		bool free_threaded = ascii_take_text(&abi, "t");
		out->abi = abi.n != 0 ? TAG_ABI_OTHER : free_threaded ? TAG_ABI_OWN_FREE : TAG_ABI_OWN;
	}
}

struct tag_interpreter tag_interpreter_parse(struct str python, struct str abi)
{
	struct tag_interpreter out = {0};
	bool cpython = ascii_take_text(&python, "cp");
	if ((cpython || ascii_take_text(&python, "py")) &&
		take_version(&python, &out.major, &out.minor) && python.n == 0) {
		out.python = cpython ? TAG_PYTHON_CPYTHON : TAG_PYTHON_GENERIC;
	}
	parse_abi(abi, &out);
	return out;
}

/* The place of pyXY, pyX, pyX(Y-1) … pyX0 in their order, -1 if python is none of them. */
static int generic_rank(const struct tag_target *target, const struct tag_interpreter *i)
{
	if (i->python != TAG_PYTHON_GENERIC || i->major != target->python_major ||
		i->minor > target->python_minor) {
		return -1;
	}
	if (i->minor == -1) {
		return 1;
	}
	return i->minor == target->python_minor ? 0 : 1 + target->python_minor - i->minor;
}

static bool is_own_python(const struct tag_target *target, const struct tag_interpreter *i)
{
	return i->python == TAG_PYTHON_CPYTHON && i->major == target->python_major &&
		i->minor == target->python_minor;
}

static const char *stable_abi(const struct tag_target *target)
{
	return target->free_threaded ? "abi3t" : "abi3";
}

/* How many Pythons before the target's stable ABI reaches back to. */
static int older_count(const struct tag_target *target)
{
	return target->python_minor > OLDEST_ABI3_MINOR ? target->python_minor - OLDEST_ABI3_MINOR : 0;
}

/* The groups of platform tags, in the order at the top of this file. */
enum { GROUP_OWN, GROUP_STABLE, GROUP_NONE, GROUP_OLDER };

/* The group of a tag whose abi is not none, -1 if it does not fit. */
static int abi_group(const struct tag_target *target, const struct tag_interpreter *i)
{
	int own = target->python_minor;
	if (i->python != TAG_PYTHON_CPYTHON || i->major != target->python_major) {
		return -1;
	}
	if (i->abi == (target->free_threaded ? TAG_ABI_OWN_FREE : TAG_ABI_OWN)) {
		bool same = i->minor == own && i->abi_major == i->major && i->abi_minor == own;
		return same ? GROUP_OWN : -1;
	}
	if (i->abi != (target->free_threaded ? TAG_ABI_STABLE_FREE : TAG_ABI_STABLE) ||
		i->minor > own || i->minor < OLDEST_ABI3_MINOR) {
		return -1;
	}
	return i->minor == own ? GROUP_STABLE : GROUP_OLDER + own - 1 - i->minor;
}

int tag_interpreter_group(const struct tag_target *target, const struct tag_interpreter *i)
{
	if (i->abi != TAG_ABI_NONE) {
		return abi_group(target, i);
	}
	if (is_own_python(target, i)) {
		return GROUP_NONE;
	}
	int generic = generic_rank(target, i);
	return generic >= 0 ? GROUP_OLDER + older_count(target) + generic : -1;
}

int tag_interpreter_any(const struct tag_target *target, const struct tag_interpreter *i)
{
	if (i->abi != TAG_ABI_NONE) {
		return -1;
	}
	int generic = generic_rank(target, i);
	return is_own_python(target, i) ? 0 : generic >= 0 ? 1 + generic : -1;
}

static void generic_write(const struct tag_target *target, int rank, struct buf *out)
{
	buf_printf(out, "py%d", target->python_major);
	if (rank != 1) {
		buf_printf(out, "%d", rank == 0 ? target->python_minor : target->python_minor + 1 - rank);
	}
}

/* Where the parts of the order begin. */
struct sections {
	int platforms; /* tags of one group */
	int older; /* stable ABI wheels of older Pythons */
	int generic; /* py3-none-platform */
	int own_any; /* cpXY-none-any */
	int generic_any; /* py3-none-any */
	int end;
};

static struct sections sections(const struct tag_target *target)
{
	int p = platform_count(target), minor = target->python_minor;
	struct sections s = {.platforms = p, .older = GROUP_OLDER * p};
	s.generic = s.older + older_count(target) * p;
	s.own_any = s.generic + (minor + 2) * p;
	s.generic_any = s.own_any + 1;
	s.end = s.generic_any + minor + 2;
	return s;
}

int tag_rank(
	const struct tag_target *target, struct str python, struct str abi, struct str platform)
{
	struct tag_interpreter interpreter = tag_interpreter_parse(python, abi);
	struct tag_system system = tag_system_parse(platform);
	if (system.kind == TAG_SYSTEM_ANY) {
		int place = tag_interpreter_any(target, &interpreter);
		return place >= 0 ? sections(target).own_any + place : -1;
	}
	int group = tag_interpreter_group(target, &interpreter);
	int place = group >= 0 ? tag_system_rank(target, &system) : -1;
	return place >= 0 ? group * platform_count(target) + place : -1;
}

int tag_count(const struct tag_target *target)
{
	return sections(target).end;
}

bool tag_at(const struct tag_target *target, int rank, struct buf *out)
{
	struct sections s = sections(target);
	int major = target->python_major, minor = target->python_minor;
	if (rank < 0 || rank >= s.end) {
		return false;
	}
	if (rank == s.own_any) {
		buf_printf(out, "cp%d%d-none-any", major, minor);
		return true;
	}
	if (rank >= s.generic_any) {
		generic_write(target, rank - s.generic_any, out);
		buf_add_text(out, "-none-any");
		return true;
	}
	if (rank >= s.generic) {
		generic_write(target, (rank - s.generic) / s.platforms, out);
		buf_add_text(out, "-none-");
	} else if (rank >= s.older) {
		int older = minor - 1 - (rank - s.older) / s.platforms;
		buf_printf(out, "cp%d%d-%s-", major, older, stable_abi(target));
	} else if (rank >= 2 * s.platforms) {
		buf_printf(out, "cp%d%d-none-", major, minor);
	} else if (rank >= s.platforms) {
		buf_printf(out, "cp%d%d-%s-", major, minor, stable_abi(target));
	} else {
		buf_printf(
			out, "cp%d%d-cp%d%d%s-", major, minor, major, minor, target->free_threaded ? "t" : "");
	}
	platform_write(target, rank % s.platforms, out); /* all groups above are whole platforms */
	return true;
}

bool tag_fits_interpreter(const struct tag_target *target, const struct tag_interpreter *i)
{
	return abi_group(target, i) >= 0;
}
