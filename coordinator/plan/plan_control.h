/* From builds that failed where their wheel runs to their controls: the same source, patches, environment
 * and tests, built and run natively in an x86-64 image. */
#pragma once

#include "coordinator/plan/plan_job.h"
#include "coordinator/store/control.h"

/* A control of `build` in the image that the configuration names, in the arena. ERR_UNSUPPORTED: that
 * image says nothing of this target (another Python, or another system). */
int plan_control_make(const struct plan_recipes *recipes, const char *image,
	const struct store_controlled *build, struct arena *arena, struct plan_job *out, struct err *e);

/* Adds the controls that are asked for and not there yet; none if the configuration names no image.
 * Counts in `wanted`, `added`, `known` and `failed`. Blocking, as plan_run. */
int plan_controls(const struct plan_options *options, struct plan_counts *out, struct err *e);
