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

static int glibc_platform_rank(const struct tag_target *target, struct str platform)
{
	int minor;
	if (ascii_take_text(&platform, "manylinux_2_")) {
		bool fits = ascii_take_number(&platform, &minor) && ascii_take_text(&platform, "_") &&
			is_arch(target, platform);
		return fits ? manylinux_rank(target, minor, false) : -1;
	}
	for (int i = 0; i < LEGACY_COUNT; i++) {
		if (ascii_take_text(&platform, legacy[i].name)) {
			return is_arch(target, platform) ? manylinux_rank(target, legacy[i].minor, true) : -1;
		}
	}
	return -1;
}

static int musl_platform_rank(const struct tag_target *target, struct str platform)
{
	int major, minor;
	bool fits = ascii_take_text(&platform, "musllinux_") && ascii_take_number(&platform, &major) &&
		ascii_take_text(&platform, "_") && ascii_take_number(&platform, &minor) &&
		ascii_take_text(&platform, "_") && is_arch(target, platform) &&
		major == target->libc_major && minor <= target->libc_minor;
	return fits ? 1 + target->libc_minor - minor : -1;
}

int tag_platform_rank(const struct tag_target *target, struct str platform)
{
	struct str rest = platform;
	switch (target->platform) {
	case TAG_WINDOWS:
		return ascii_take_text(&rest, "win_") && is_arch(target, rest) ? 0 : -1;
	case TAG_MANYLINUX:
		return ascii_take_text(&rest, "linux_") && is_arch(target, rest)
			? 0
			: glibc_platform_rank(target, platform);
	case TAG_MUSLLINUX:
		return ascii_take_text(&rest, "linux_") && is_arch(target, rest)
			? 0
			: musl_platform_rank(target, platform);
	}
	return -1;
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
static bool parse_python(
	const struct tag_target *target, struct str python, const char *prefix, int *minor)
{
	if (!ascii_take_text(&python, prefix) || python.n == 0 ||
		python.p[0] != (char)('0' + target->python_major)) {
		return false;
	}
	python = str_slice(python, 1, python.n);
	*minor = -1;
	return python.n == 0 || (ascii_take_number(&python, minor) && python.n == 0);
}

static const char *stable_abi(const struct tag_target *target)
{
	return target->free_threaded ? "abi3t" : "abi3";
}

static bool is_own_abi(const struct tag_target *target, struct str abi)
{
	int minor;
	if (target->free_threaded) {
		if (abi.n == 0 || (abi.p[abi.n - 1] != 't' && abi.p[abi.n - 1] != 'T')) {
			return false;
		}
		abi.n--;
	}
	return parse_python(target, abi, "cp", &minor) && minor == target->python_minor;
}

/* The place of pyXY, pyX, pyX(Y-1) … pyX0 in their order, -1 if python is none of them. */
static int generic_rank(const struct tag_target *target, struct str python)
{
	int minor;
	if (!parse_python(target, python, "py", &minor) || minor > target->python_minor) {
		return -1;
	}
	if (minor == -1) {
		return 1;
	}
	return minor == target->python_minor ? 0 : 1 + target->python_minor - minor;
}

static void generic_write(const struct tag_target *target, int rank, struct buf *out)
{
	buf_printf(out, "py%d", target->python_major);
	if (rank != 1) {
		buf_printf(out, "%d", rank == 0 ? target->python_minor : target->python_minor + 1 - rank);
	}
}

/* Where each group of the order begins. */
struct sections {
	int platforms;
	int older; /* abi3 wheels of older Pythons */
	int generic; /* py3-none-platform */
	int own_any; /* cpXY-none-any */
	int generic_any; /* py3-none-any */
	int end;
};

static struct sections sections(const struct tag_target *target)
{
	int p = platform_count(target), minor = target->python_minor;
	int older_count = minor > OLDEST_ABI3_MINOR ? minor - OLDEST_ABI3_MINOR : 0;
	struct sections s = {.platforms = p, .older = 3 * p};
	s.generic = s.older + older_count * p;
	s.own_any = s.generic + (minor + 2) * p;
	s.generic_any = s.own_any + 1;
	s.end = s.generic_any + minor + 2;
	return s;
}

static int interpreter_base(
	const struct tag_target *target, const struct sections *s, struct str python, struct str abi)
{
	int minor, own = target->python_minor;
	if (!parse_python(target, python, "cp", &minor)) {
		return -1;
	}
	if (minor == own && is_own_abi(target, abi)) {
		return 0;
	}
	if (!str_equal_nocase(abi, str_from(stable_abi(target))) || minor > own ||
		minor < OLDEST_ABI3_MINOR) {
		return -1;
	}
	return minor == own ? s->platforms : s->older + (own - 1 - minor) * s->platforms;
}

int tag_rank(
	const struct tag_target *target, struct str python, struct str abi, struct str platform)
{
	struct sections s = sections(target);
	int minor, generic = generic_rank(target, python);
	bool own = parse_python(target, python, "cp", &minor) && minor == target->python_minor;
	bool none = str_equal_nocase(abi, STR("none"));
	if (str_equal_nocase(platform, STR("any"))) {
		if (!none) {
			return -1;
		}
		return own ? s.own_any : generic >= 0 ? s.generic_any + generic : -1;
	}
	int place = tag_platform_rank(target, platform);
	if (place < 0) {
		return -1;
	}
	if (none) {
		return own         ? 2 * s.platforms + place
			: generic >= 0 ? s.generic + generic * s.platforms + place
						   : -1;
	}
	int base = interpreter_base(target, &s, python, abi);
	return base >= 0 ? base + place : -1;
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

bool tag_fits_interpreter(const struct tag_target *target, struct str python, struct str abi)
{
	struct sections s = sections(target);
	return interpreter_base(target, &s, python, abi) >= 0;
}
