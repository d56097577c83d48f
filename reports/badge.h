/* A package's headline on a target as a small picture that needs nothing from anywhere. */
#pragma once

#include "coordinator/store/view.h"
#include "core/io/json.h"

/* The badge of one target; its widths are reckoned from the letters, as no font is asked. */
void badge_svg(struct buf *out, const struct target_view *t);
/* Shields' endpoint form: schemaVersion, label, message, color; and target, headline, version. */
void badge_json(struct json_writer *w, const struct target_view *t);
/* The target of that whole name, or of a family ("linux", "musl", "windows") the one whose Python is
 * `python` ("cp313", NULL: the newest). NULL if there is none. */
const struct target_view *badge_target(
	const struct package_view *v, struct str name, const char *python);
