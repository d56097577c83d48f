#include "cli/farm_stuck.h"

#include <errno.h>

bool farm_is_stuck(struct queue *queue, const struct disk_watch *disk)
{
	struct queue_counts c;
	queue_counts(queue, &c);
	bool idle = c.agents != 0 && c.leased == 0 && c.queued != 0;
	return idle && (disk->low || queue_unfit(queue, NULL) == c.queued);
}

void farm_stuck_why(struct queue *queue, const struct disk_watch *disk, struct err *e)
{
	struct buf needs = {0};
	size_t jobs = queue_unfit(queue, &needs);
	if (disk->low) {
		err_set(e, -ENOSPC, "the disk with %s is nearly full: %lld MiB left, %lld needed",
			disk->folder, (long long)(disk->left >> 20), (long long)(disk->least >> 20));
	} else {
		err_set(e, ERR_UNSUPPORTED, "%zu builds need what no agent here has: %s", jobs, needs.p);
	}
	buf_finish(&needs);
}
