/* The shared libraries of a Linux wheel: those that its policy does not let it expect of its host are put into
 * it, under names with a hash, as auditwheel does (NAME.libs/libyaml-0-1a2b3c4d.so.2), and every image's RPATH
 * names folders of the wheel alone. patchelf writes the images. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/farm_protocol/reason.h"

struct bundle_file {
	struct str path; /* in the wheel */
	struct str bytes; /* the arena's */
	bool changed; /* by wheel_bundle */
	bool added; /* not in the wheel before */
};

struct wheel_bundle {
	struct arena arena;
	const char *platform; /* "manylinux_2_28_aarch64"; another kind's wheels are left as they are */
	const char *const
		*folders; /* where libraries may be, NULL-ended, the first that has it wins; or NULL */
	struct str package; /* as in the wheel's file name: "PyYAML" */
	VEC(struct bundle_file) files; /* in: the ELF images of the wheel; out: those to write */
	enum reason reason; /* out: why it failed */
};

/* Is a wheel of that platform looked at? */
bool wheel_bundle_wants(const char *platform);

/* A library that is in none of the folders stays outside: inspect says so. 0, or a negative code with its
 * sentence and a reason. Blocking, with files in /tmp; takes hostile bytes. */
int wheel_bundle(struct wheel_bundle *b, struct err *e);
void wheel_bundle_finish(struct wheel_bundle *b);

/* The file "libyaml-0.so.2.0.9" with a hash: "libyaml-0-1a2b3c4d.so.2.0.9". In arena. */
struct str wheel_bundle_name(struct str library, const char *sha256, struct arena *a);
/* The parts of `rpath` that begin at $ORIGIN, then (if it is not "") `more`; ':' between. Appended to out. */
void wheel_bundle_rpath(struct str rpath, struct str more, struct buf *out);
