#include "agent/toolchain_rust.h"

#include <string.h>

const char *toolchain_rust_name(const struct job_target *target, bool on_target)
{
	return on_target && strcmp(target->arch, "aarch64") == 0 ? "arm64" : "";
}

const char *toolchain_rust_folder(const char *cache, const char *name, struct arena *a)
{
	const char *newest = toolchain_newest(cache, "rust", name, a);
	return newest != NULL ? arena_printf(a, "%s/%s", cache, newest) : NULL;
}

void toolchain_rust_add(const char *folder, struct arena *a, struct toolchain_use *use)
{
	static const char *const env[] = {
		"CARGO_HOME=" INSIDE_CACHE "/cargo",
		"CARGO_NET_OFFLINE=true",
	};
	/* build scripts and macros run on the builder, whatever the target is */
	static const char *const cross_env[] = {
		"CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=" INSIDE_RUST "/bin/host-cc",
		"CC_x86_64_unknown_linux_gnu=" INSIDE_RUST "/bin/host-cc",
		"HOST_CC=" INSIDE_RUST "/bin/host-cc",
	};
	text_list_add_all(&use->env, a, env, sizeof(env) / sizeof(*env));
	if (!use->on_target) {
		text_list_add_all(&use->env, a, cross_env, sizeof(cross_env) / sizeof(*cross_env));
		text_list_addf(&use->seeds, a, "%s/seed", folder);
	}
	text_list_add(&use->path, a, INSIDE_RUST "/bin");
	toolchain_bind(use, a, folder, INSIDE_RUST);
	const char *version =
		toolchain_line(folder, "identity", a); /* "rustc 1.96.0", then hashes of packages */
	use->identity = arena_printf(a, "%s, %s", use->identity, version);
}
