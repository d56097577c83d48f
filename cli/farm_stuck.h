/* A run that can go no further: all that waits does so for something that no agent here has, or for room on
 * the disk. */
#pragma once

#include "cli/disk_watch.h"
#include "coordinator/queue/queue.h"

/* False also where nothing waits, or something is built. */
bool farm_is_stuck(struct queue *queue, const struct disk_watch *disk);
/* What it lacks, as an error. */
void farm_stuck_why(struct queue *queue, const struct disk_watch *disk, struct err *e);
