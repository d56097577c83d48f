/* Rust beside a toolchain for C: made once by tools/prepare/rust.sh for every target, mounted for a
 * build that asks for it. Which crates a build may use was fetched before (crates.h). */
#pragma once

#include "agent/toolchain.h"

#define INSIDE_RUST INSIDE "/rust"
#define INSIDE_CARGO_HOME INSIDE "/cargo-home" /* of the step that fetches crates */

/* The newest revision of the cache that is complete, a path on the host in `a`; NULL if none. */
const char *toolchain_rust_folder(const char *cache, struct arena *a);
/* Mounts it and says so in every dialect: PATH, the linker and compiler of build scripts, no network. */
void toolchain_rust_add(const char *folder, struct arena *a, struct toolchain_use *use);
