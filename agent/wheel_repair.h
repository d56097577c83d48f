/* A built wheel made fit to be given away: its platform tag named as the target's, stray files of the
 * linker left out, libraries that its host need not have put in, WHEEL and RECORD written anew (PEP 427, "The .dist-info directory"). The bytes
 * that come out depend on the bytes that go in alone. */
#pragma once

#include "core/farm_protocol/reason.h"

struct wheel_repair {
	const char *from; /* file of any name that is a wheel's */
	const char *folder; /* where the new one is written */
	const char *platform; /* the target's tag: "manylinux_2_28_aarch64", "win_arm64" */
	bool expect_native; /* a pure wheel is silent_pure */
	const char *const *libraries; /* folders with libraries of the target, NULL-ended; or NULL */
	int64_t epoch; /* seconds: the time of every entry */
	size_t bundled; /* out: libraries put into it (wheel_bundle.h) */
	size_t dropped; /* out: stray files left out */
	char *wheel; /* out: the new file's name; the caller frees */
	enum reason reason; /* out: why it failed */
};

/* 0, or a negative code with its sentence and a reason. Blocking; takes hostile bytes. */
int wheel_repair(struct wheel_repair *r, struct err *e);

/* True for a file the linker left: NAME.pdb, .lib, .dll.a, .exp, .ilk beside an extension module NAME…pyd.
 * `has` asks whether the wheel has an entry of that beginning that ends in .pyd. */
bool wheel_repair_is_stray(struct str path, const struct str *paths, size_t n);

/* The platform part of the new file name: `linux_ARCH` becomes the target's if that is of the same
 * machine; all else stays. In out. */
void wheel_repair_platform(struct str platforms, const char *target, struct buf *out);
