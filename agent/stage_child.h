/* Stages that are C and look at hostile bytes run as children of their own, in a sandbox:
 * `wheelfarm-agent --stage NAME ARGS…`. They say what they found on stdout, line by line, and why they
 * failed in their exit code. */
#pragma once

#include "core/farm_protocol/reason.h"

#include <stdbool.h>

enum {
	STAGE_EXIT_REASON = 64, /* + enum reason; below 128, where signals begin */
};
_Static_assert(STAGE_EXIT_REASON + REASON_COUNT < 128, "exit codes of stage children");

struct stage_child {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the first argument */
	int arguments; /* exactly so many */
	bool more; /* or more */
};

/* Their arguments; EXPECT_NATIVE is "native" or "any". */
int stage_child_fetch(int argc, char **argv); /* URL SHA256 SIZE FILE */
int stage_child_unpack(int argc, char **argv); /* FILE FOLDER */
int stage_child_patch(int argc, char **argv); /* PATCH FOLDER STRIP NAME */
int stage_child_tests(int argc, char **argv); /* SOURCE_FOLDER FOLDER NAME… */
/* WHEEL FOLDER PLATFORM EXPECT_NATIVE EPOCH LIBRARIES, folders with ':' between */
int stage_child_repair(int argc, char **argv);
/* WHEEL PACKAGE VERSION TARGET PYTHON REPORT EXPECT_NATIVE */
int stage_child_inspect(int argc, char **argv);

/* Runs the child named argv[0]; its exit code. */
int stage_child_main(int argc, char **argv);

/* Prints "wheelfarm: SENTENCE" as the last line and gives the exit code of the reason. */
int stage_child_fail(enum reason reason, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
