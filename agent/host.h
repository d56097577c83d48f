/* What the agent asks of the operating system about the machine and about itself. One file per operating
 * system behind this header. */
#pragma once

#include "core/base/err.h"
#include "core/base/mem.h"

#include <stdbool.h>
#include <stdint.h>

/* Before anything else: the program's words as UTF-8 in *argv. Streams are binary. */
void host_start(int *argc, char ***argv);

/* From now on the agent is told to stop when the process that started it ends. */
int host_die_with_parent(struct err *e);

/* Can each slot have a user of its own (are we root)? */
bool host_has_users(void);
/* The number of the agent's own user; -1 where users have none. */
int64_t host_uid(void);

/* "linux", "windows"; "x86_64", "aarch64" of the processor, whatever this program is compiled for. */
const char *host_os(void);
const char *host_machine(struct arena *a);
int64_t host_page_size(void);
/* Does it run Linux programs of aarch64 on another processor by itself (binfmt_misc)? */
bool host_emulates_aarch64(void);
/* Is there a shell that could do a job again by its commands.sh? */
bool host_has_shell(void);

/* Where what was prepared lies if the configuration does not say so; NULL if there is no such place. */
const char *host_cache(struct arena *a);
/* A path of a configuration as it is written here, with /; NULL if it is not absolute. */
const char *host_path(struct arena *a, const char *path);

/* Stops the agent as SIGTERM would: from any thread, for a service that is told to end and a parent that ended. */
void host_stop(void);
/* What host_stop calls, at once if it was called before; NULL: nothing any more. */
void host_stop_through(void (*stop)(void *user), void *user);
