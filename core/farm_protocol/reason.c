#include "core/farm_protocol/reason.h"

#include <errno.h>

struct reason_row {
	const char *code;
	enum reason_owner owner;
};

static const struct reason_row rows[REASON_COUNT] = {[REASON_NONE] = {"", REASON_NOBODY},
#define REASON_ROW(name, code, owner) [REASON_CODE_##name] = {(code), REASON_##owner},
	REASON_MAP(REASON_ROW)
#undef REASON_ROW
};

static const char *const texts[REASON_COUNT] = {
	[REASON_NONE] = "",
	[REASON_CODE_COMPILE_ERROR] = "the compiler refused its source",
	[REASON_CODE_LINK_ERROR] = "its objects could not be linked",
	[REASON_CODE_X86_FLAGS] = "it passes compiler flags that only x86 has",
	[REASON_CODE_ABOVE_BASELINE] = "it uses instructions above the baseline of the architecture",
	[REASON_CODE_COMPILER_DIALECT] = "its source is in a dialect that this compiler does not speak",
	[REASON_CODE_SDIST_INCOMPLETE] = "its source distribution lacks files that the build needs",
	[REASON_CODE_NO_SDIST] = "it publishes no source distribution to build from",
	[REASON_CODE_BAD_ARCHIVE] = "its source archive cannot be unpacked safely",
	[REASON_CODE_SILENT_PURE] = "the build left the compiled part out and did not say so",
	[REASON_CODE_NO_WHEEL] = "the build ended well but made no wheel",
	[REASON_CODE_WRONG_WHEEL] = "the wheel is not well formed, or not the one asked for",
	[REASON_CODE_TAG_LIES] = "the bytes of the wheel contradict its tags",
	[REASON_CODE_GLIBC_FLOOR] = "it needs a newer glibc than its tag says",
	[REASON_CODE_PAGE_SIZE] = "its libraries cannot be loaded where memory pages have 64 KiB",
	[REASON_CODE_STATIC_TLS] = "its library needs static thread storage that is used up",
	[REASON_CODE_PYTHON_CAP] = "it refuses this Python version",
	[REASON_CODE_REQUIREMENT_MISSING] = "a build requirement cannot be had",
	[REASON_CODE_IMPORT_ERROR] = "it does not import on the target",
	[REASON_CODE_CRASH] = "it crashed",
	[REASON_CODE_TEST_FAILED] = "its tests fail",
	[REASON_CODE_FAILS_EVERYWHERE] = "it fails on x86-64 as well",
	[REASON_CODE_SANDBOX_DENIED] = "it wanted something that a build may not have",
	[REASON_CODE_LIMIT_TIME] = "it ran longer than its limit",
	[REASON_CODE_LIMIT_IDLE] = "it said nothing for longer than its limit",
	[REASON_CODE_LIMIT_MEMORY] = "it used more memory than its limit",
	[REASON_CODE_LIMIT_DISK] = "it wrote more than its limit",
	[REASON_CODE_LIMIT_LOG] = "it printed more than its limit",
	[REASON_CODE_LIMIT_PIDS] = "it started more processes than its limit",
	[REASON_CODE_COMPILER_GAP] = "the compiler lacks something for this target",
	[REASON_CODE_MISSING_C_LIBRARY] = "a C library it needs is not there for the target",
	[REASON_CODE_MISSING_FORTRAN] = "it needs a Fortran compiler for the target",
	[REASON_CODE_RUST_TARGET] = "Rust cannot build for the target here",
	[REASON_CODE_CROSS_MISDETECTED] = "its build took the builder for the target",
	[REASON_CODE_REPAIR_HOST_DLL] = "the repair step took a library of the builder",
	[REASON_CODE_TOOLCHAIN_MISSING] = "a build tool it needs is not in the image",
	[REASON_CODE_DEPENDENCY_BLOCKED] = "something it depends on does not work on the target",
	[REASON_CODE_NO_TESTS] = "the recipe's test command ran no tests",
	[REASON_CODE_PATCH_REJECTED] = "a patch of the recipe does not apply",
	[REASON_CODE_RECIPE_INVALID] = "the recipe is wrong",
	[REASON_CODE_HASH_MISMATCH] = "a download differs from the hash that was asked for",
	[REASON_CODE_HOST_MEMORY] = "the building machine ran out of memory",
	[REASON_CODE_HOST_DISK] = "the building machine ran out of disk",
	[REASON_CODE_NETWORK] = "the network failed",
	[REASON_CODE_AGENT_FAULT] = "the agent failed",
	[REASON_CODE_LEASE_LOST] = "the agent was gone before the job ended",
	[REASON_CODE_EXECUTOR_LIMIT] = "the emulator cannot run this",
	[REASON_CODE_OUT_OF_SCOPE] = "out of scope by policy",
	[REASON_CODE_UNKNOWN] = "nobody knows why yet",
};

static const char *const owners[] = {
	[REASON_PACKAGE] = "package",
	[REASON_TOOLCHAIN] = "toolchain",
	[REASON_DEPENDENCY] = "dependency",
	[REASON_RECIPE] = "recipe",
	[REASON_FARM] = "farm",
	[REASON_NOBODY] = "nobody",
};

const char *reason_code(enum reason r)
{
	return r < REASON_COUNT ? rows[r].code : "";
}

bool reason_find(struct str code, enum reason *out)
{
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		if (str_is(code, rows[i].code)) {
			*out = (enum reason)i;
			return true;
		}
	}
	return false;
}

enum reason_owner reason_owner_of(enum reason r)
{
	return r < REASON_COUNT ? rows[r].owner : REASON_NOBODY;
}

const char *reason_owner_name(enum reason_owner o)
{
	return (size_t)o < sizeof(owners) / sizeof(*owners) ? owners[o] : "";
}

const char *reason_text(enum reason r)
{
	return r < REASON_COUNT ? texts[r] : "";
}

enum reason reason_unless_full(int error, enum reason otherwise)
{
	return error == -ENOSPC || error == -EDQUOT ? REASON_CODE_HOST_DISK : otherwise;
}
