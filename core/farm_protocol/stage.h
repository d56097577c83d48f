/* The stages of a build, in the order of life, and what can be said of one (facts.md). */
#pragma once

#include "core/base/str.h"

#define STAGE_MAP(X)      \
	X(FETCH, "fetch")     \
	X(UNPACK, "unpack")   \
	X(PREPARE, "prepare") \
	X(BUILD, "build")     \
	X(REPAIR, "repair")   \
	X(INSPECT, "inspect") \
	X(INSTALL, "install") \
	X(IMPORT, "import")   \
	X(TEST, "test")

enum stage {
#define STAGE_ENUM(name, text) STAGE_##name,
	STAGE_MAP(STAGE_ENUM)
#undef STAGE_ENUM
		STAGE_COUNT,
};

#define STAGE_STATUS_MAP(X) X(NOT_RUN, "not_run") X(PASS, "pass") X(FAIL, "fail")
enum stage_status {
#define STAGE_STATUS_ENUM(name, text) STAGE_STATUS_##name,
	STAGE_STATUS_MAP(STAGE_STATUS_ENUM)
#undef STAGE_STATUS_ENUM
};

const char *stage_name(enum stage s);
bool stage_find(struct str name, enum stage *out);
const char *stage_status_name(enum stage_status s);
bool stage_status_find(struct str name, enum stage_status *out);
