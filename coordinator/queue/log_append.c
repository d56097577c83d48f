#include "coordinator/queue/parts.h"
#include "coordinator/store/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_log(struct queue *q, struct queue_lease *lease, struct err *e)
{
	if (lease->log_fd >= 0) {
		return 0;
	}
	struct stat st = {0};
	char *path = store_log_live_path(q->live_folder, lease->job, lease->attempt);
	lease->log_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	int code = 0;
	if (lease->log_fd < 0 || fstat(lease->log_fd, &st) != 0) {
		code = err_set(e, -errno, "%s: %s", path, err_text(-errno));
	}
	/* It may be there already: the coordinator was started again. */
	lease->log_size = (uint64_t)st.st_size;
	free(path);
	return code;
}

static int append(struct queue_lease *lease, struct str bytes, struct err *e)
{
	size_t done = 0;
	while (done < bytes.n) {
		ssize_t n =
			pwrite(lease->log_fd, bytes.p + done, bytes.n - done, (off_t)(lease->log_size + done));
		if (n < 0 && errno != EINTR) {
			return err_set(e, -errno, "log: %s", err_text(-errno));
		}
		done += n > 0 ? (size_t)n : 0;
	}
	lease->log_size += done;
	return 0;
}

int queue_log_append(struct queue *q, struct queue_agent *a, struct str fence, uint64_t offset,
	struct str bytes, uint64_t *size, struct err *e)
{
	struct queue_lease *lease = NULL;
	*size = 0;
	int code = queue_lease_live(q, a, fence, &lease, e);
	if (code == 0) {
		code = open_log(q, lease, e);
	}
	if (code != 0) {
		return code;
	}
	if (offset != lease->log_size) {
		code = err_set(
			e, ERR_CONFLICT, "log: %llu bytes are here", (unsigned long long)lease->log_size);
	} else if (bytes.n > q->o.log_limit || offset > q->o.log_limit - bytes.n) {
		code =
			err_set(e, ERR_TOO_LARGE, "log: over %llu bytes", (unsigned long long)q->o.log_limit);
	} else {
		code = append(lease, bytes, e);
	}
	*size = lease->log_size;
	return code;
}
