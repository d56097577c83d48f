/* The manylinux and musllinux policies (PEP 513, 571, 599, 600, 656): which libraries, which symbol
 * versions a wheel may ask of the system. The tables are data, policy_manylinux.txt. */
#pragma once

#include "core/base/str.h"

struct
	policy_symbols { /* versions of one prefix, a set: not everything below the highest is in it */
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
	const struct policy_symbols *symbols; /* prefix NULL ends it; an absent prefix is not checked */
	const char *const *libraries; /* NULL ends it */
	const struct policy_private *privates; /* library NULL ends it */
};

/* Lowest first, manylinux before musllinux; a NULL name ends it. Generated from the data file. */
extern const struct policy policy_table[];
extern const char policy_source[]; /* where the data comes from, with its version */

/* The policy of a platform tag, "manylinux_2_28_aarch64" and legacy "manylinux2014_aarch64"; a glibc
 * between two policies' is judged by the lower one. NULL if unknown or below the first. */
const struct policy *policy_find(struct str platform);
/* The first of the table for that machine and C library, or NULL; policy_next goes up, NULL ends. */
const struct policy *policy_first(struct str machine, bool is_musl);
const struct policy *policy_next(const struct policy *p);

bool policy_allows_library(const struct policy *p, struct str soname);
/* "GLIBC_2.17": in the set, or its prefix is none of the policy's. */
bool policy_allows_version(const struct policy *p, struct str version);
bool policy_allows_symbol(const struct policy *p, struct str soname, struct str symbol);
/* "GLIBC_2.17" → 2, 17; false for others (GLIBC_PRIVATE, GLIBC_ABI_DT_RELR, GLIBCXX_3.4). */
bool policy_glibc_version(struct str version, unsigned *major, unsigned *minor);
