/* Rust beside a toolchain for C: made once by tools/prepare/rust.sh for every target, mounted for a
 * build that asks for it. Which crates a build may use was fetched before (crates.h). */
#pragma once

#include "agent/toolchain.h"

#define INSIDE_RUST INSIDE "/rust"
#define INSIDE_CARGO_HOME INSIDE "/cargo-home" /* of the step that fetches crates */

/* Which one runs on a builder for that target: "arm64", or "" for x86-64. */
const char *toolchain_rust_name(const struct job_target *target, bool on_target);
/* Its newest complete revision in the cache, a path on the host in `a`; NULL if none. */
const char *toolchain_rust_folder(const char *cache, const char *name, struct arena *a);
/* Mounts it and says so in every dialect: PATH, the linker and compiler of build scripts, no network. */
void toolchain_rust_add(const char *folder, struct arena *a, struct toolchain_use *use);
