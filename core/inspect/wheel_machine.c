#include "core/inspect/wheel_parts.h"

bool wheel_machine_fits(const struct wheel_check *c, const struct wheel_binary *binary)
{
	VEC_EACH (const struct wheel_platform, platform, &c->platforms) {
		if (platform->is_any) {
			continue;
		}
		if (!platform->is_known) {
			return true; /* Android, iOS, …: nothing is known against it */
		}
		bool is_fat = binary->format == WHEEL_MACHO &&
			(str_is(binary->machine, "universal2") || str_is(platform->machine, "universal2"));
		if (platform->format == binary->format &&
			(is_fat || str_equal(platform->machine, binary->machine))) {
			return true;
		}
	}
	return false;
}

static const char *format_name(enum wheel_format format)
{
	static const char *const names[] = {
		[WHEEL_ELF] = "Linux (ELF)", [WHEEL_PE] = "Windows (PE)", [WHEEL_MACHO] = "macOS (Mach-O)"};
	return names[format];
}

static bool format_is_named(const struct wheel_check *c, enum wheel_format format)
{
	VEC_EACH (const struct wheel_platform, platform, &c->platforms) {
		if (platform->is_known && platform->format == format) {
			return true;
		}
	}
	return false;
}

static void judge_one(struct wheel_check *c, const struct wheel_image *image, bool any_fits)
{
	const struct wheel_binary *binary = &c->report->binaries.v[image->binary];
	if (c->report->pure) {
		/* launchers of other systems are data that a pure installer carries (setuptools, pip) */
		wheel_problem_as(c, WHEEL_PROBLEM_BINARY_IN_PURE,
			image->is_program ? WHEEL_WARNING : WHEEL_ERROR, binary->path,
			"%s code for %.*s in a wheel for any platform", format_name(binary->format),
			STR_ARG(binary->machine));
		return;
	}
	if (image->pe.machine != 0 && str_is(binary->machine, "arm64ec")) {
		wheel_problem(c, WHEEL_PROBLEM_ARM64EC, binary->path,
			"ARM64EC code (machine 0x%04x, with CHPE metadata)", (unsigned)image->pe.machine);
		return;
	}
	if (image->pe.machine == PE_ARM64 && (image->pe.has_chpe || image->pe.has_arm64x)) {
		wheel_problem(c, WHEEL_PROBLEM_HYBRID_PE, binary->path, "an ARM64X image");
	}
	if (!wheel_machine_fits(c, binary)) {
		/* what this system never loads, or runs under emulation, is beside the point as long as
		 * the right code is there too */
		bool is_aside = !format_is_named(c, binary->format) ||
			(binary->format == WHEEL_PE && image->is_program);
		wheel_problem_as(c, WHEEL_PROBLEM_MACHINE_MISMATCH,
			any_fits && is_aside ? WHEEL_WARNING : WHEEL_ERROR, binary->path,
			"%s code for %.*s, the wheel is for %.*s", format_name(binary->format),
			STR_ARG(binary->machine), STR_ARG(c->platforms.v[0].tag));
	}
}

/* A wheel with ABI "none" may hold headers or data for one platform; one with a Python ABI exists
 * for its compiled code alone. */
static bool has_abi(const struct wheel_check *c)
{
	struct str rest = c->filename.abis, abi;
	while (str_split(&rest, '.', &abi)) {
		if (!str_is(abi, "none")) {
			return true;
		}
	}
	return false;
}

void wheel_machine_judge(struct wheel_check *c)
{
	bool any_fits = false;
	size_t count = 0;
	if (!c->has_filename || c->platforms.n == 0) {
		return;
	}
	VEC_EACH (const struct wheel_image, image, &c->images) {
		if (!image->is_other) {
			count++;
			any_fits = any_fits || wheel_machine_fits(c, &c->report->binaries.v[image->binary]);
		}
	}
	VEC_EACH (const struct wheel_image, image, &c->images) {
		if (!image->is_other) {
			judge_one(c, image, any_fits);
		}
	}
	if (count == 0 && !c->has_broken_module && !c->report->pure &&
		(has_abi(c) || c->report->depth == WHEEL_FULL)) {
		wheel_problem_as(c, WHEEL_PROBLEM_NO_BINARY_IN_PLATFORM_WHEEL,
			has_abi(c) ? WHEEL_ERROR : WHEEL_WARNING, (struct str){0},
			"no ELF, PE or Mach-O image in a wheel for %.*s", STR_ARG(c->platforms.v[0].tag));
	}
}
