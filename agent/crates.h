/* Rust crates of a build, as cargo's own client brings them: what the sdist's Cargo.lock names with
 * its checksum, in a step with network that runs no code of the sdist; the build then is offline. */
#pragma once

#include "agent/stages.h"

/* Steps of prepare. Rust is laid out before any code of the sdist runs, from what pyproject.toml and
 * the recipe say: its seed is copied into a folder that such code may write to later. */
int crates_plan_rust(struct job_run *run, struct step *s, struct err *e);
enum step_next crates_judge_rust(struct job_run *run, const struct step_end *end);
int crates_plan_fetch(struct job_run *run, struct step *s, struct err *e);
enum step_next crates_judge_fetch(struct job_run *run, const struct step_end *end);
