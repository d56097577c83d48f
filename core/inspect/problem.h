/* What can be wrong with a wheel: the codes of `wheelfarm inspect`, each with its usual severity and
 * what to do about it. */
#pragma once

#include "core/base/str.h"

enum wheel_severity { WHEEL_NOTE, WHEEL_WARNING, WHEEL_ERROR };

/* X(enum name, code, usual severity, what to do about it) */
#define WHEEL_PROBLEM_MAP(X)                                                                      \
	X(BAD_ZIP, "bad_zip", ERROR, "rebuild or download it again: no installer can trust this zip") \
	X(UNSAFE_PATH, "unsafe_path", ERROR, "do not install it: a path would leave the environment") \
	X(DUPLICATE_ENTRY, "duplicate_entry", ERROR, "rebuild: two entries claim one path")           \
	X(TOO_LARGE, "too_large", ERROR, "do not unpack it: it is over a limit meant for bombs")      \
	X(BAD_DIST_INFO, "bad_dist_info", ERROR, "rebuild with a current build backend")              \
	X(BAD_METADATA, "bad_metadata", ERROR, "make METADATA agree with the file name")              \
	X(WHEEL_TAG_MISMATCH, "wheel_tag_mismatch", ERROR,                                            \
		"make the file name and the WHEEL file name the same tags: `python -m wheel tags`")       \
	X(RECORD_MISSING, "record_missing", ERROR, "repack: RECORD and the files do not agree")       \
	X(RECORD_HASH, "record_hash", ERROR,                                                          \
		"repack: a file changed after RECORD was written, or the line lacks a good hash")         \
	X(RECORD_UNLISTED, "record_unlisted", ERROR, "repack: every file must be listed in RECORD")   \
	X(MACHINE_MISMATCH, "machine_mismatch", ERROR,                                                \
		"build for the machine the tag names: this code cannot be loaded there")                  \
	X(BINARY_IN_PURE, "binary_in_pure", ERROR, "give it a platform tag, or leave the binary out") \
	X(NO_BINARY_IN_PLATFORM_WHEEL, "no_binary_in_platform_wheel", ERROR,                          \
		"look why nothing was compiled, or tag it as pure")                                       \
	X(SUFFIX_MISMATCH, "suffix_mismatch", ERROR,                                                  \
		"set SETUPTOOLS_EXT_SUFFIX (or its like): this Python never looks for that name")         \
	X(NO_INIT_FUNCTION, "no_init_function", ERROR,                                                \
		"export PyInit_<module>: import fails without it")                                        \
	X(GLIBC_TOO_NEW, "glibc_too_new", ERROR,                                                      \
		"build in the older manylinux image, or tag it with the newer policy")                    \
	X(LIBRARY_NOT_ALLOWED, "library_not_allowed", ERROR,                                          \
		"copy the library into the wheel: `auditwheel repair`")                                   \
	X(PAGE_ALIGNMENT, "page_alignment", WARNING,                                                  \
		"link with -Wl,-z,max-page-size=65536: kernels with 64 KiB pages refuse it")              \
	X(PYTHON_ABI_MISMATCH, "python_abi_mismatch", ERROR,                                          \
		"link the python library that the ABI tag names")                                         \
	X(ABI3_VIOLATION, "abi3_violation", ERROR, "use the stable ABI only, or drop the abi3 tag")   \
	X(MISSING_DLL, "missing_dll", ERROR, "copy the DLL into the wheel: `delvewheel repair`")      \
	X(MISSING_EXPORT, "missing_export", ERROR, "the DLL in the wheel is not the one linked with") \
	X(ARM64EC, "arm64ec", ERROR, "build plain ARM64: ARM64EC loads into x64 processes only")      \
	X(HYBRID_PE, "hybrid_pe", NOTE, "nothing to do: ARM64X loads into ARM64 and x64 processes")   \
	X(BAD_RPATH, "bad_rpath", WARNING, "use $ORIGIN paths inside the wheel only")                 \
	X(EXEC_STACK, "exec_stack", WARNING, "link with -Wl,-z,noexecstack: glibc 2.41 refuses it")   \
	X(TEXT_RELOCATION, "text_relocation", WARNING, "compile with -fPIC")                          \
	X(STRAY_BUILD_FILE, "stray_build_file", WARNING, "leave it out of the wheel")

enum wheel_problem_code {
#define WHEEL_PROBLEM_ENUM(name, code, severity, advice) WHEEL_PROBLEM_##name,
	WHEEL_PROBLEM_MAP(WHEEL_PROBLEM_ENUM)
#undef WHEEL_PROBLEM_ENUM
		WHEEL_PROBLEM_COUNT,
};

const char *wheel_problem_name(enum wheel_problem_code code); /* "bad_zip", … */
bool wheel_problem_find(struct str name, enum wheel_problem_code *out);
enum wheel_severity wheel_problem_severity(enum wheel_problem_code code); /* the usual one */
const char *wheel_problem_advice(enum wheel_problem_code code);
const char *wheel_severity_name(enum wheel_severity severity); /* "note", "warning", "error" */
