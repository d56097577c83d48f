/* The configuration of run and serve: one YAML file, `schema: 1`. Every error is "FILE:LINE: what". */
#pragma once

#include "core/base/mem.h"
#include "core/farm_protocol/job.h"

/* Requests a second that an index is asked at most, if nobody says otherwise: 15,000 pages in five
 * minutes, and nothing that an operator of a public index would notice. */
enum { CONFIG_SCAN_RATE = 50, CONFIG_SCAN_RATE_MOST = 100000 };

enum config_build {
	CONFIG_BUILD_MISSING, /* what has no fitting wheel on the index and has an sdist */
	CONFIG_BUILD_ALL, /* everything that has an sdist, a pure release included */
};

/* Packages, each once; names normalised (PEP 503). */
struct package_list {
	struct package_item {
		const char *name;
		int64_t rank; /* place in a top list, 0 in a plain one */
		int64_t downloads; /* -1 if not told */
	} * v;
	size_t n;
};

struct config_agents {
	int64_t local; /* agents that run starts itself */
	int64_t slots; /* jobs at once, each */
	int64_t retry_s; /* how long a job rests after a fault of the farm; doubled by each */
};

/* Absolute PEM files, or all NULL: no TLS. */
struct config_tls {
	const char *certificate; /* the chain */
	const char *key;
	const char *ca; /* what agents started here trust; the certificate itself unless given */
};

/* When nights begin and what is told after them. */
struct config_night {
	int64_t at_minute; /* of the day, UTC; -1: every refresh_hours */
	int64_t budget_minutes; /* of its builds; 0: no end */
	struct json_texts mail; /* addresses */
	const char *sendmail; /* the program, absolute */
	const char *webhook; /* http or https address, or NULL */
	const char *webhook_secret; /* file, absolute */
};

/* For how long what nobody needs any more is kept. */
struct config_keep {
	int64_t log_pass_days, log_fail_days;
	int64_t wheel_days;
	int64_t attempt_days;
	int64_t audit_days;
	int64_t export_days;
	int64_t orphan_hours; /* blobs and uploads that nothing names */
};

struct config {
	struct arena arena;
	const char *file;
	const char *state; /* folder of database, blobs, work; absolute */
	const char *database; /* absolute; STATE/facts.db unless given */
	int64_t min_free_mb; /* with less room for the state no more jobs are given */
	const char *listen; /* "127.0.0.1:8080" */
	const char *public_url; /* how agents and people reach it; NULL: by what it listens on */
	struct config_tls tls;
	const char
		*admin_token_sha256; /* 64 hex digits, lower case; NULL: only who is on the machine */
	const char *index; /* URL or folder; NULL: what pip on this machine uses */
	const char *contact; /* part of the User-Agent; NULL if not given */
	const char *recipes; /* folder of the recipe tree, absolute */
	const char *recipes_from; /* a git repository that is followed instead; NULL: none */
	struct package_list packages; /* without doubles, in the order given */
	struct json_texts targets; /* to build and test, whole names */
	struct json_texts testers; /* images that test what the targets' own cannot: names */
	/* jobs of their own that only test: of the wheels users download; of those built here, which the job
	 * that builds them then does not test */
	bool test_published, test_built;
	const char *control; /* the image of x86-64 controls, NULL: none are run */
	const char *python; /* "cp313": what a short target and a one-word summary mean */
	enum config_build build;
	/* how each target is built: modes, or names of toolchains (recipe_target_build); none: the usual way */
	struct json_texts modes;
	struct config_agents agents;
	struct job_limits limits; /* of every job whose recipe does not say otherwise */
	int64_t scan_connections; /* to the index at once; by HTTP/2 many pages share one */
	int64_t scan_rate; /* requests a second at most, 0: no cap */
	bool scan_dependencies; /* what packages need is read too */
	const char *export; /* folder that gets the facts after each scan, absolute; NULL: none */
	struct config_night night;
	struct config_keep keep;
	int64_t refresh_hours; /* serve: scan again after so long */
};

/* Reads `file`; relative paths in it are seen from its own folder. The caller finishes, also after
 * an error. */
int config_load(const char *file, struct config *out, struct err *e);
void config_finish(struct config *c);

/* The limits of a job if neither config nor recipe says anything. */
struct job_limits config_default_limits(void);

/* Reads a list of packages: one name a line, '#' begins a comment; or the JSON of a top list
 * (rows[].project, rows[].download_count). Memory in `arena`. Errors "FILE:LINE: what". */
int package_list_load(
	const char *file, struct arena *arena, struct package_list *out, struct err *e);
