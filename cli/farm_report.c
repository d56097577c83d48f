#include "cli/farm_report.h"

#include "cli/main.h"
#include "core/base/clock.h"
#include "core/base/vec.h"
#include "reports/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A published wheel may be fine while our own build of the same release failed: whoever asked for the
 * build wants to know. */
static bool build_failed(const struct package_view *v, const struct config *config)
{
	for (size_t i = 0; i < v->target_count; i++) {
		const struct target_view *t = &v->targets[i];
		bool wanted = false;
		for (size_t k = 0; k < config->targets.n; k++) {
			wanted = wanted || str_is(str_from(t->target), config->targets.v[k]);
		}
		if (wanted && t->has_build && t->build.state != NULL &&
			str_is(str_from(t->build.state), "fail")) {
			return true;
		}
	}
	return false;
}

int farm_report(struct store *s, const struct config *config)
{
	VEC(struct package_view *) views = {0};
	struct buf text = {0};
	bool failed = false;
	int exit_code = EXIT_FINE;
	for (size_t i = 0; i < config->packages.n; i++) {
		struct err e = {0};
		struct package_view *v = MEM_NEW(struct package_view);
		int code = store_package_view(s, str_from(config->packages.v[i].name), v, &e);
		if (code == 0) {
			failed = failed || build_failed(v, config);
			*vec_add(&views) = v;
			continue;
		}
		free(v);
		failed = true;
		if (code != ERR_NOT_FOUND) {
			fprintf(stderr, "wheelfarm: %s\n", e.text);
			exit_code = EXIT_WORLD;
			goto out;
		}
	}
	if (views.n == 0) { /* nothing is known of any package: the lines above said why */
		exit_code = EXIT_NOT_FINE;
		goto out;
	}
	struct terminal t = {
		.out = &text,
		.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL,
		.now = clock_wall_ms(),
	};
	int64_t not_fine =
		report_run_terminal(&t, views.v, views.n, config->targets.v, config->targets.n, NULL);
	fwrite(text.p, 1, text.n, stdout);
	if (failed || not_fine != 0) {
		exit_code = EXIT_NOT_FINE;
	}
out:
	VEC_EACH (struct package_view *, v, &views) {
		package_view_finish(*v);
		free(*v);
	}
	vec_finish(&views);
	buf_finish(&text);
	return exit_code;
}
