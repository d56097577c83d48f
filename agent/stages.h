/* The stages' steps and what they share. Each stage is one file, stage_NAME.c, with one row. */
#pragma once

#include "agent/job_run.h"

extern const struct stage_row stage_fetch_row;
extern const struct stage_row stage_unpack_row;
extern const struct stage_row stage_prepare_row;
extern const struct stage_row stage_build_row;
extern const struct stage_row stage_repair_row;
extern const struct stage_row stage_inspect_row;
extern const struct stage_row stage_install_row;
extern const struct stage_row stage_import_row;
extern const struct stage_row stage_test_row;

/* A fixed time for all builds, 2000-01-01: zip files cannot say less than 1980. */
#define STEP_EPOCH "946684800"

/* Requirements that one environment may have; nobody needs so many. */
enum { STEP_REQUIRES_MAX = 512 };

/* --- planning --- */

/* A child in an image, with the base environment every build has (PATH, HOME, LANG, SOURCE_DATE_EPOCH,
 * PYTHONHASHSEED). */
void step_in_image(struct job_run *run, struct step *s, const char *root);
/* Foreign code runs in it: it gets a /tmp of its own, so that nothing it leaves there lies in the way
 * of a step that has network. step_toolchain says so too. */
void step_foreign(struct job_run *run, struct step *s);
/* This program as the child, `wheelfarm-agent --stage NAME …`, with the host's libraries. */
void step_of_ours(struct job_run *run, struct step *s, const char *name);
void step_arg(struct job_run *run, struct step *s, const char *argument);
void step_argf(struct job_run *run, struct step *s, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void step_env(struct job_run *run, struct step *s, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Binds a part of the workspace at its place inside. */
void step_part(struct job_run *run, struct step *s, enum workspace_part part, bool writable);
/* Network, and what the host's index and certificates settings say in the environment. */
void step_network(struct job_run *run, struct step *s);
/* The slot's cache of pip's downloads: for steps with network, which run no foreign code. */
void step_pip_cache(struct job_run *run, struct step *s);
/* The toolchain's environment, folders and PATH, and the recipe's environment. */
void step_toolchain(struct job_run *run, struct step *s);
/* One of agent/probe/, run by `python` (a path inside). */
void step_probe(struct job_run *run, struct step *s, const char *python, const char *probe);
/* "/usr/bin/python3.13" of the target's version, inside an image of its suite. */
const char *step_python(struct job_run *run);
/* Whichever a builder has, for what is the same by any: pip, told which Python it installs for. */
#define ANY_PYTHON "/usr/bin/python3"
/* The same in the tester's image, where the job's executor has it. */
const char *step_tester_python(struct job_run *run);
const char *workspace_inside(enum workspace_part part); /* "/wheelfarm/src" */

/* --- judging --- */

/* Of our own children: decodes their exit code (stage_child.h). */
enum step_next step_judge_ours(struct job_run *run, const struct step_end *end);
/* Of a child that must exit with 0; the coordinator reads the log if not. True if it did. */
bool step_is_clean(struct job_run *run, const struct step_end *end);
/* A child of pip with network that failed: true, and the stage failed with `network`, if pip said so. */
bool step_blames_network(struct job_run *run, const struct step_end *end);
/* What a line of the step's output that starts with `prefix` says after it, the last such line; in
 * run->arena; NULL if there is none. Trusted only from our own children. */
const char *step_said(struct job_run *run, const char *prefix);
/* The last line of the step's output as a JSON object, in the step's arena; NULL (and the stage
 * failed) if it is none. */
const struct json_node *step_answer(struct job_run *run);
/* True if the requirements may be given to the one process that has network: each a plain name with
 * versions (no URL, option or path: it would do what a stranger says), not too many, not too long.
 * Else the stage failed with `requirement_missing`. */
bool step_can_ask(struct job_run *run, const struct text_list *requires);
/* NOTES/name, written by the child, as a JSON object; NULL likewise. */
const struct json_node *step_note(struct job_run *run, const char *name);

/* The sdist that the job unpacks: what it builds, or what has the tests of its wheel; NULL: none. */
const struct job_file *job_sdist(const struct job *job);
/* The part the wheel at hand lies in. */
enum workspace_part job_wheel_part(const struct job *job);
