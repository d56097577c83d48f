/* A job as an agent receives it: fully resolved, so the agent needs no YAML, no index and no recipe
 * tree. JSON both ways; unknown members are ignored, so either side may be one version ahead. */
#pragma once

#include "core/io/json_tree.h"

/* 2: a result's answer may bring the next lease. */
enum { PROTOCOL_VERSION = 2 };

struct job_file {
	const char *filename; /* made by the coordinator, [A-Za-z0-9._+-] only, no separators */
	const char *url; /* NULL: a blob of the coordinator, by sha256 */
	const char *sha256;
	int64_t size; /* 0: unknown */
};

struct job_target {
	const char *name; /* "cp313-win_arm64" */
	const char *python; /* "3.13" */
	const char *python_full; /* "3.13.5" */
	const char *abi; /* "cp313" */
	const char *platform; /* wheel platform tag: "manylinux_2_28_aarch64", "win_arm64" */
	const char *os; /* "linux", "windows" */
	const char *arch; /* "aarch64", "arm64" */
	const char *libc; /* "glibc", "musl", "ucrt" */
	int64_t glibc_minor; /* 28 for 2.28; 0 where there is none */
	const char *compiler_triple; /* "aarch64-linux-gnu.2.28", "aarch64-windows-gnu" */
	const char *extension_suffix; /* ".cpython-313-aarch64-linux-gnu.so" */
	const char *host_platform; /* _PYTHON_HOST_PLATFORM: "linux-aarch64", "win-arm64" */
};

struct job_image {
	const char *name; /* "trixie-amd64-builder" */
	int64_t revision;
};

struct job_limits {
	int64_t wall_s; /* each stage */
	int64_t idle_s;
	int64_t memory_mb;
	int64_t pids;
	int64_t disk_mb; /* the whole workspace */
	int64_t log_mb;
};

struct job_env {
	const char *name;
	const char *value;
};

struct job_patch {
	const char *name;
	const char *sha256; /* blob of the coordinator */
	int64_t strip;
};

/* What the recipe adds to a plain build. */
struct job_recipe {
	const char *commit; /* of the recipe tree */
	bool dirty;
	const char *object; /* git object id of the recipe file, "" without recipe */
	struct json_objects env; /* struct job_env */
	struct json_texts tools; /* "rust" */
	struct json_texts libraries; /* C libraries of the target: names */
	bool as_target; /* the sdist's code sees the target's sys.platform and os.name */
	struct json_texts requires_add; /* PEP 508 */
	struct json_texts requires_remove; /* names */
	struct json_texts config_settings; /* "key=value" */
	struct json_objects patches; /* struct job_patch */
	struct json_texts imports; /* modules; empty: derived from the wheel */
	struct json_texts test_requires;
	struct json_texts test_command; /* argv; empty: no test stage */
	struct json_texts test_sources; /* paths in the source, the tests' own; empty: all of it */
	struct json_objects test_env; /* struct job_env */
	int64_t min_tests;
};

struct job {
	int64_t id;
	const char *kind; /* "build", "test_published", "test_built", "control"; later "rebuild" */
	const char *package; /* normalised, PEP 503 */
	const char *version; /* normalised, PEP 440 */
	const char *mode; /* "cross", "native", "emulated" */
	const char *toolchain; /* "cross-zig" */
	bool
		expect_native; /* the release ships compiled wheels elsewhere: a pure wheel is silent_pure */
	struct job_target target;
	struct job_image builder;
	struct job_image tester; /* name "" : nothing can run this target here */
	const char *executor; /* how the tester runs: "native", "qemu", "" */
	struct job_file source;
	/* struct job_file, one at most: where the tests of a job lie whose source is a wheel, an sdist */
	struct json_objects tests;
	struct job_limits limits;
	struct job_recipe recipe;
};
/* Is a wheel itself the job's source (test_published, test_built)? */
bool job_is_wheel(const struct job *job);

extern const struct json_field job_fields[];

/* Reads and checks (names, hashes, ranges); memory in arena. Errors start with "job". */
int job_read(struct str json, struct arena *arena, struct job *out, struct err *e);
void job_write(struct json_writer *w, const struct job *job);
