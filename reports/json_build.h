/* Pieces of JSON that several pages have. Internal to reports. */
#pragma once

#include "coordinator/store/view.h"
#include "core/io/json.h"

/* A whole number, or null where `value` is `absent`. */
void json_kv_known(struct json_writer *w, const char *key, int64_t value, int64_t absent);
/* RFC 3339 full-date, "2025-09-27"; null for 0. */
void json_kv_date(struct json_writer *w, const char *key, int64_t wall_ms);

/* One row of a list of builds: what, where, how it went. */
void json_build_row(struct json_writer *w, const struct build_view *b);
/* The stages with their status and figures. */
void json_build_stages(struct json_writer *w, const struct build_view *b);

/* `build` and `test` of product.md: null where nothing was tried. */
void json_build_of_target(struct json_writer *w, const struct target_view *t);
void json_test_of_target(struct json_writer *w, const struct target_view *t);
