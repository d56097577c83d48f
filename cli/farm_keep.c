#include "cli/farm_keep.h"

#include "reports/words.h"

enum { HOUR_MS = 3600 * 1000 };
static const int64_t day_ms = INT64_C(24) * HOUR_MS;

static void on_round(void *user, const struct keep_counts *c)
{
	struct farm_keep *k = user;
	const struct store_kept *rows = &c->rows;
	int64_t dropped = rows->logs + rows->files + rows->attempts + rows->leases + rows->audit;
	if (dropped == 0 && c->blobs == 0 && c->packed == 0) {
		return;
	}
	struct buf line = {0};
	buf_printf(&line, "tidied: %lld logs, %lld files, %lld old rows, %zu blobs (",
		(long long)rows->logs, (long long)rows->files,
		(long long)(rows->attempts + rows->leases + rows->audit), c->blobs);
	words_bytes(&line, (int64_t)c->bytes);
	buf_printf(&line, ") are gone; %zu logs packed", c->packed);
	k->on_line(k->user, line.p);
	buf_finish(&line);
}

void farm_keep_start(uv_loop_t *loop, struct farm_keep *k, struct farm_inputs *in,
	const char *pinned, void (*on_line)(void *user, const char *line), void *user)
{
	const struct config_keep *c = &in->config.keep;
	*k = (struct farm_keep){.pinned = pinned, .on_line = on_line, .user = user};
	const struct keep_options options = {
		.loop = loop,
		.writer = in->writer,
		.database = in->config.database,
		.blobs = &in->blobs,
		.live_folder = in->live_folder,
		.clock = clock_real(),
		.ages =
			{
				.log_pass = c->log_pass_days * day_ms,
				.log_fail = c->log_fail_days * day_ms,
				.files = c->wheel_days * day_ms,
				.attempts = c->attempt_days * day_ms,
				.audit = c->audit_days * day_ms,
			},
		.orphan_ms = c->orphan_hours * HOUR_MS,
		.pinned = &k->pinned,
		.pinned_count = pinned != NULL ? 1 : 0,
		.on_round = on_round,
		.user = k,
	};
	k->keep = keep_start(&options);
}
