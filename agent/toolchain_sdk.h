/* An SDK of the cache (tools/prepare): its target's description in every build system's dialect, whatever
 * compiler stands behind its wrappers. What the toolchains with an SDK share. */
#pragma once

#include "agent/toolchain.h"

#define INSIDE_SDK INSIDE "/sdk"
#define INSIDE_ZIG INSIDE "/zig"
#define INSIDE_GCC INSIDE "/gcc"

/* True if there is one for some target. */
bool toolchain_sdk_present(const char *cache);

/* Adds to *out the target's SDK: environment, binds, config settings, the recipe's C libraries, the lock
 * and the description. `cross`: the builder is another machine, and every build system is told so; else
 * only which compilers and libraries to take. *sdk is "sdk/NAME-REVISION". ERR_UNSUPPORTED: there is none
 * for the target; ERR_NOT_FOUND: a library is missing. Blocking. */
int toolchain_sdk_use(const struct job *job, const char *cache, bool cross, struct arena *a,
	struct toolchain_use *out, const char **sdk, struct err *e);

/* zig at its place, and where it may write. */
void toolchain_sdk_zig(const char *cache, struct arena *a, struct toolchain_use *out);
