/* The same facts as the pages, as JSON (product.md). Each writes one value. */
#pragma once

#include "coordinator/store/view.h"
#include "coordinator/store/view_changes.h"
#include "core/io/json.h"
#include "reports/page.h"

/* `wheelfarm show NAME --json` and /package/NAME.json. `target` (NULL: all) leaves the other targets
 * out. */
void report_package_json(
	const struct package_view *v, const char *target_or_null, struct json_writer *w);

void json_page_overview(const struct overview_view *v, struct json_writer *w);
void json_page_packages(
	const struct package_query *q, const struct packages_view *v, struct json_writer *w);
/* One change: at, kind (null: none), package, was_version, version, target (the first), targets, was and
 * became (headlines), published_was and published ({state, lost_accelerator, vanished} or null). */
void json_change(struct json_writer *w, const struct store_change *c);
/* `wheelfarm changes --json` and /changes.json: since and until (a night with its counts, or null: the
 * beginning, now), target (null: all), packages (how many of each kind), changes. */
void json_page_changes(const struct changes_view *v, struct json_writer *w);
/* {q, packages: [{name, rank, headline, targets}]} */
void json_page_search(struct str q, const struct packages_view *v, struct json_writer *w);
void json_page_farm(const struct farm_page *f, struct json_writer *w);
void json_page_causes(const struct causes_view *v, struct json_writer *w);
void json_page_start(const struct packages_view *v, struct json_writer *w);
void json_page_job(const struct job_view *v, struct json_writer *w);
void json_page_error(int status, const char *sentence, struct json_writer *w);
