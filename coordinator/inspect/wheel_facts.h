/* What a report on a wheel comes to: the few facts that people ask for and the farm keeps in columns
 * of their own. */
#pragma once

#include "core/inspect/wheel.h"

struct wheel_facts {
	struct str machine; /* of its binaries, "aarch64"; several with commas; empty if it has none */
	uint64_t page_size; /* the smallest of its ELF binaries for aarch64; 0: there is none */
	struct str glibc; /* the floor, "2.17"; empty if none */
	struct wheel_texts bundled; /* file names of libraries that came along, in order of the zip */
	const struct wheel_problem *worst; /* the first of the report, NULL if it has none */
	/* An error that means that the bytes contradict the tag, so that import fails there (facts.md,
	 * headline row 2); NULL if there is none. */
	const struct wheel_problem *broken;
	size_t errors, warnings, notes;
};

enum { WHEEL_FACTS_PAGE = 64 << 10 }; /* what kernels with the largest pages need */

/* Texts and lists live in `arena`, problems in the report. */
void wheel_facts_of(const struct wheel_report *r, struct arena *arena, struct wheel_facts *out);

/* True if a problem of this code on an extension module means `broken`. */
bool wheel_facts_contradicts(enum wheel_problem_code code);
