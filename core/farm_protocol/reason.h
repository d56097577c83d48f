/* Why a stage failed: a code, and whose it is (facts.md, "Reasons"). */
#pragma once

#include "core/base/str.h"

enum reason_owner {
	REASON_PACKAGE,
	REASON_TOOLCHAIN,
	REASON_DEPENDENCY,
	REASON_RECIPE,
	REASON_FARM,
	REASON_NOBODY,
};

/* X(enum name, code, owner) */
#define REASON_MAP(X)                                       \
	X(COMPILE_ERROR, "compile_error", PACKAGE)              \
	X(LINK_ERROR, "link_error", PACKAGE)                    \
	X(X86_FLAGS, "x86_flags", PACKAGE)                      \
	X(ABOVE_BASELINE, "above_baseline", PACKAGE)            \
	X(COMPILER_DIALECT, "compiler_dialect", PACKAGE)        \
	X(SDIST_INCOMPLETE, "sdist_incomplete", PACKAGE)        \
	X(NO_SDIST, "no_sdist", PACKAGE)                        \
	X(BAD_ARCHIVE, "bad_archive", PACKAGE)                  \
	X(SILENT_PURE, "silent_pure", PACKAGE)                  \
	X(NO_WHEEL, "no_wheel", PACKAGE)                        \
	X(WRONG_WHEEL, "wrong_wheel", PACKAGE)                  \
	X(TAG_LIES, "tag_lies", PACKAGE)                        \
	X(GLIBC_FLOOR, "glibc_floor", PACKAGE)                  \
	X(PAGE_SIZE, "page_size", PACKAGE)                      \
	X(STATIC_TLS, "static_tls", PACKAGE)                    \
	X(PYTHON_CAP, "python_cap", PACKAGE)                    \
	X(REQUIREMENT_MISSING, "requirement_missing", PACKAGE)  \
	X(IMPORT_ERROR, "import_error", PACKAGE)                \
	X(CRASH, "crash", PACKAGE)                              \
	X(TEST_FAILED, "test_failed", PACKAGE)                  \
	X(FAILS_EVERYWHERE, "fails_everywhere", PACKAGE)        \
	X(SANDBOX_DENIED, "sandbox_denied", PACKAGE)            \
	X(LIMIT_TIME, "limit_time", PACKAGE)                    \
	X(LIMIT_IDLE, "limit_idle", PACKAGE)                    \
	X(LIMIT_MEMORY, "limit_memory", PACKAGE)                \
	X(LIMIT_DISK, "limit_disk", PACKAGE)                    \
	X(LIMIT_LOG, "limit_log", PACKAGE)                      \
	X(LIMIT_PIDS, "limit_pids", PACKAGE)                    \
	X(COMPILER_GAP, "compiler_gap", TOOLCHAIN)              \
	X(MISSING_C_LIBRARY, "missing_c_library", TOOLCHAIN)    \
	X(MISSING_FORTRAN, "missing_fortran", TOOLCHAIN)        \
	X(RUST_TARGET, "rust_target", TOOLCHAIN)                \
	X(CROSS_MISDETECTED, "cross_misdetected", TOOLCHAIN)    \
	X(REPAIR_HOST_DLL, "repair_host_dll", TOOLCHAIN)        \
	X(TOOLCHAIN_MISSING, "toolchain_missing", TOOLCHAIN)    \
	X(DEPENDENCY_BLOCKED, "dependency_blocked", DEPENDENCY) \
	X(NO_TESTS, "no_tests", RECIPE)                         \
	X(PATCH_REJECTED, "patch_rejected", RECIPE)             \
	X(RECIPE_INVALID, "recipe_invalid", RECIPE)             \
	X(HASH_MISMATCH, "hash_mismatch", RECIPE)               \
	X(HOST_MEMORY, "host_memory", FARM)                     \
	X(HOST_DISK, "host_disk", FARM)                         \
	X(NETWORK, "network", FARM)                             \
	X(AGENT_FAULT, "agent_fault", FARM)                     \
	X(LEASE_LOST, "lease_lost", FARM)                       \
	X(EXECUTOR_LIMIT, "executor_limit", FARM)               \
	X(OUT_OF_SCOPE, "out_of_scope", NOBODY)                 \
	X(UNKNOWN, "unknown", NOBODY)

enum reason {
	REASON_NONE, /* nothing failed, or nobody said why yet */
#define REASON_ENUM(name, code, owner) REASON_CODE_##name,
	REASON_MAP(REASON_ENUM)
#undef REASON_ENUM
		REASON_COUNT,
};

const char *reason_code(enum reason r); /* "" for REASON_NONE */
bool reason_find(struct str code, enum reason *out);
enum reason_owner reason_owner_of(enum reason r);
/* REASON_CODE_HOST_DISK where the error (a negative errno) is a full disk or quota, else `otherwise`. */
enum reason reason_unless_full(int error, enum reason otherwise);
const char *reason_owner_name(enum reason_owner o); /* "package", … */
/* A short sentence for people: "the C library it needs is not there for the target". */
const char *reason_text(enum reason r);
