/* Environment markers, PEP 508 with PEP 685 (extras), evaluated as packaging.markers 26.3 does in
 * its "metadata" context. */
#pragma once

#include "core/base/str.h"

/* Every variable of an environment. platform_python_implementation also answers to the old name
 * python_implementation, and os.name, sys.platform, platform.version, platform.machine,
 * platform.python_implementation to their old spelling with a dot. */
#define MARKER_VARIABLES(X)                                             \
	X(IMPLEMENTATION_NAME, "implementation_name")                       \
	X(IMPLEMENTATION_VERSION, "implementation_version")                 \
	X(OS_NAME, "os_name")                                               \
	X(PLATFORM_MACHINE, "platform_machine")                             \
	X(PLATFORM_RELEASE, "platform_release")                             \
	X(PLATFORM_SYSTEM, "platform_system")                               \
	X(PLATFORM_VERSION, "platform_version")                             \
	X(PYTHON_FULL_VERSION, "python_full_version")                       \
	X(PLATFORM_PYTHON_IMPLEMENTATION, "platform_python_implementation") \
	X(PYTHON_VERSION, "python_version")                                 \
	X(SYS_PLATFORM, "sys_platform")                                     \
	X(EXTRA, "extra")

enum marker_variable {
#define MARKER_ENUM(name, text) MARKER_##name,
	MARKER_VARIABLES(MARKER_ENUM)
#undef MARKER_ENUM
		MARKER_VARIABLE_COUNT
};

/* By its present name; -1 if there is none such. */
int marker_variable_find(struct str name);

struct marker_environment {
	struct str values[MARKER_VARIABLE_COUNT]; /* EXTRA is empty, or one extra, normalised here */
	/* Every comparison with `extra`, `extras` or `dependency_groups` (PEP 751) holds: does the marker
	 * for some choice of them? */
	bool any_choice;
};

/* Reads and evaluates text. 0 and *result, or ERR_INVALID: bad grammar, parentheses deeper than
 * MARKER_DEPTH, an undefined comparison (`~=` between texts), or a variable that has no value in
 * this context (extras, dependency_groups). As the reference does, every comparison is made, so one
 * that is undefined makes the whole undefined. */
enum { MARKER_DEPTH = 64 };
int marker_evaluate(
	struct str text, const struct marker_environment *environment, bool *result, struct err *e);

/* The grammar alone. */
int marker_check(struct str text, struct err *e);
