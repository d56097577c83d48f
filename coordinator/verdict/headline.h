/* The headline (facts.md, "Headline"): one word from the three facts, by a table of nine rows, the
 * first that holds. Pure. */
#pragma once

#include "coordinator/store/headline.h"
#include "coordinator/verdict/published.h"
#include "core/farm_protocol/reason.h"

enum headline_dependencies { DEPENDENCIES_UNKNOWN, DEPENDENCIES_OK, DEPENDENCIES_BLOCKED };

enum headline_build {
	HEADLINE_NOT_BUILT, /* never tried, or not finished */
	HEADLINE_BUILT, /* a wheel was made and inspect found it clean */
	HEADLINE_BUILD_FAILED, /* see `owner` */
};

struct headline_facts {
	bool scanned; /* false: only `build` counts */
	enum published_state state;
	bool lost_accelerator;
	bool vanished;
	bool compiled_elsewhere;
	bool published_broken; /* inspect or import of the published wheel says so, as row 2 asks */
	enum headline_dependencies dependencies;
	enum headline_build build;
	enum reason_owner owner; /* of a failed build */
};

enum headline headline_of(const struct headline_facts *f);
