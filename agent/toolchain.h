/* How code for a target is made here: one row a toolchain, one file a row. A toolchain says what the
 * build's sandbox needs (environment, folders, generated files) from the job's target alone; nobody
 * else knows a compiler's name. */
#pragma once

#include "agent/sandbox.h"
#include "agent/text_list.h"
#include "core/farm_protocol/job.h"

/* Places inside a sandbox, the same for every job, so that paths in logs and binaries are too. */
#define INSIDE "/wheelfarm"
#define INSIDE_IN INSIDE "/in"
#define INSIDE_SRC INSIDE "/src"
#define INSIDE_WHEELS INSIDE "/wheels"
#define INSIDE_ENV INSIDE "/env"
#define INSIDE_DIST INSIDE "/dist"
#define INSIDE_OUT INSIDE "/out"
#define INSIDE_NOTES INSIDE "/notes"
#define INSIDE_RUNTIME INSIDE "/runtime"
#define INSIDE_SITE INSIDE "/site"
#define INSIDE_CACHE INSIDE "/cache"
#define INSIDE_TOOLCHAIN INSIDE "/toolchain"
#define INSIDE_PIP_CACHE INSIDE "/pip-cache"
#define INSIDE_HOST INSIDE "/host"
#define INSIDE_PROGRAM INSIDE "/wheelfarm-agent"

struct toolchain_file {
	const char *name; /* in the workspace's toolchain folder, "bin/cc" */
	bool executable;
	struct str bytes;
};

/* A config setting that one build backend needs to be told ("key=value"); others refuse it. */
struct toolchain_setting {
	const char *backend; /* "mesonpy" */
	const char *text;
};

/* All memory is the arena's that was given. */
struct toolchain_use {
	struct text_list env; /* on top of the scrubbed base, for hooks and build */
	struct text_list path; /* folders before the system's in PATH */
	struct sandbox_binds binds; /* read-only pieces of the cache */
	struct toolchain_file *files;
	size_t file_count;
	struct text_list seeds; /* folders copied into the job's compiler cache */
	const struct toolchain_setting *settings;
	size_t setting_count;
	bool on_target; /* the builder is of the target's architecture, which x86-64 may only emulate */
	const char *identity; /* "zig 0.17.1" */
	const char *lock; /* what it is made of, by hash, as text; "" if the images say it all */
	const char *description; /* the files that it lets build systems read, for people; or NULL */
};

struct toolchain {
	const char *name; /* job.toolchain */
	bool cross; /* it can make code for another kind of machine than the one that it runs on */
	/* True if what it needs lies in the cache. Blocking, once at start and before a job. */
	bool (*present)(const char *cache);
	/* Fills *out. ERR_UNSUPPORTED: it cannot make code for that target. Blocking: reads small files
	 * of the cache. */
	int (*describe)(const struct job *job, const char *cache, struct arena *a,
		struct toolchain_use *out, struct err *e);
};

/* The rows; a NULL ends them. */
extern const struct toolchain *const toolchain_rows[];
extern const struct toolchain toolchain_cross_gcc;
extern const struct toolchain toolchain_cross_zig;
extern const struct toolchain toolchain_gcc;
extern const struct toolchain toolchain_image;
extern const struct toolchain toolchain_msvc;

const struct toolchain *toolchain_find(struct str name); /* NULL if there is none such */

/* Writes the files below `folder`. Blocking. */
int toolchain_write(const struct toolchain_use *use, const char *folder, struct err *e);

/* A file of a use; bytes must live as long as the arena. */
void toolchain_add_file(struct toolchain_use *use, struct arena *a, const char *name,
	bool executable, const char *text);
/* A read-only piece of the host at a place inside. */
void toolchain_bind(struct toolchain_use *use, struct arena *a, const char *from, const char *to);
/* The newest complete folder CACHE/KIND/NAME-REVISION (KIND/REVISION if `name` is ""), as
 * "KIND/NAME-REVISION" in the arena; NULL if there is none. Complete is what has an identity. */
const char *toolchain_newest(
	const char *cache, const char *kind, const char *name, struct arena *a);
/* The first line of a small file of the cache, trimmed; "" if it cannot be read. In arena. */
const char *toolchain_line(const char *cache, const char *name, struct arena *a);
