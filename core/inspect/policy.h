/* The manylinux and musllinux policies (PEP 513, 571, 599, 600, 656): which libraries, which symbol
 * versions a wheel may ask of the system; and the DLLs that Windows brings. The tables are data,
 * policy_manylinux.txt and policy_windows.txt, turned into C by policy_generate.py. */
#pragma once

#include "core/base/str.h"

struct policy_symbols { /* versions of one prefix; a set: not all below the highest */
	const char *prefix; /* "GLIBC" */
	const char *const *versions; /* NULL ends it */
};
struct policy_private { /* symbols of an allowed library that are not for use */
	const char *library;
	const char *const *symbols; /* NULL ends it */
};
struct policy {
	const char *name; /* "manylinux_2_17" */
	const char *machine; /* "aarch64" */
	bool is_musl;
	unsigned major; /* of the C library */
	unsigned minor;
	const struct policy_symbols *symbols; /* prefix NULL ends it; absent prefixes are free */
	const char *const *libraries; /* NULL ends it */
	const struct policy_private *privates; /* library NULL ends it */
};

/* Generated. Lowest first, manylinux before musllinux; a NULL name ends it. */
extern const struct policy policy_table[];
extern const char *const policy_private_names[]; /* of all policies, sorted */
extern const size_t policy_private_count;
extern const char *const policy_windows_dlls[]; /* lower case, sorted */
extern const size_t policy_windows_dll_count;

/* The policy behind a platform tag, "manylinux_2_28_aarch64" or a legacy "manylinux2014_aarch64"; a
 * C library between two policies' is judged by the lower one. NULL if there is none so low. */
const struct policy *policy_find(struct str platform);
/* The lowest for that machine and C library, and the next one up; NULL ends. */
const struct policy *policy_first(struct str machine, bool is_musl);
const struct policy *policy_next(const struct policy *p);

/* The dynamic linker itself is always allowed. */
bool policy_allows_library(const struct policy *p, struct str soname);
/* "GLIBC_2.17": in the set, or its prefix is none of the policy's. */
bool policy_allows_version(const struct policy *p, struct str version);
bool policy_allows_symbol(const struct policy *p, struct str soname, struct str symbol);
/* True if some policy of the table forbids it: the rest need not be kept. */
bool policy_knows_symbol(struct str symbol);
/* "GLIBC_2.17" → 2, 17; false for others (GLIBC_PRIVATE, GLIBC_ABI_DT_RELR, GLIBCXX_3.4). */
bool policy_glibc_version(struct str version, unsigned *major, unsigned *minor);

/* True if Windows on ARM has that DLL, or it is an API set. Any case. */
bool policy_windows_has(struct str dll);
