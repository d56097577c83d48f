/* image: the compilers that the builder image itself has, for jobs whose builder is of the target's
 * own kind: native, emulated, and the x86-64 control. */
#include "agent/toolchain.h"

static bool present(const char *cache)
{
	return true; /* it is in the image, whose presence is asked for anyway */
}

static int describe(const struct job *job, const char *cache, struct arena *a,
	struct toolchain_use *out, struct err *e)
{
	/* no maintainer script ran in it, so nothing is called cc */
	static const char *const env[] = {"CC=gcc", "CXX=g++",
		"CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=gcc",
		"CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=gcc"};
	text_list_add_all(&out->env, a, env, sizeof(env) / sizeof(*env));
	out->on_target = true;
	out->lock = "";
	out->identity = arena_printf(
		a, "compilers of %s-%lld", job->builder.name, (long long)job->builder.revision);
	return 0;
}

const struct toolchain toolchain_image = {
	.name = "image",
	.present = present,
	.describe = describe,
};
