#include "web/metrics.h"

#include "core/io/file.h"
#include "web/server_parts.h"

#include <sys/resource.h>

static void family(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A family of one sample. */
static void sample(
	struct buf *out, const char *name, const char *type, const char *help, double value)
{
	family(out, name, type, help);
	buf_printf(out, "%s %.17g\n", name, value);
}

static void add_queue(struct buf *out, const struct queue_counts *c)
{
	family(out, "wheelfarm_jobs", "gauge", "Jobs that are not done, by state.");
	buf_printf(out, "wheelfarm_jobs{state=\"queued\"} %zu\n", c->queued);
	buf_printf(out, "wheelfarm_jobs{state=\"leased\"} %zu\n", c->leased);
	family(out, "wheelfarm_results_total", "counter",
		"Final results since this process started, by how they ended.");
	buf_printf(out, "wheelfarm_results_total{state=\"pass\"} %zu\n", c->passed);
	buf_printf(out, "wheelfarm_results_total{state=\"fail\"} %zu\n", c->failed);
	sample(out, "wheelfarm_retries_total", "counter",
		"Jobs that went back to the queue since this process started.", (double)c->retried);
	sample(out, "wheelfarm_paused", "gauge",
		"1 while no jobs are given, as the disk is nearly full.", c->paused ? 1 : 0);
	sample(out, "wheelfarm_agents", "gauge", "Agents seen in the last two minutes.",
		(double)c->agents);
	sample(out, "wheelfarm_lease_requests_waiting", "gauge", "Agents' slots that wait for a job.",
		(double)c->waiting);
}

static void add_disk(struct buf *out, const char *database)
{
	int64_t bytes = store_file_bytes(database);
	if (bytes >= 0) {
		sample(out, "wheelfarm_database_bytes", "gauge", "Size of the database on the disk.",
			(double)bytes);
	}
	int64_t left = file_free_bytes(database);
	if (left >= 0) {
		sample(out, "wheelfarm_disk_free_bytes", "gauge", "Free space where the database lies.",
			(double)left);
	}
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Names that every client library uses for a process. */
static void add_process(struct buf *out)
{
	struct rusage usage;
	size_t resident = 0;
	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		sample(out, "process_cpu_seconds_total", "counter", "User and system CPU time.",
			seconds(usage.ru_utime) + seconds(usage.ru_stime));
	}
	if (uv_resident_set_memory(&resident) == 0) {
		sample(out, "process_resident_memory_bytes", "gauge", "Resident memory.", (double)resident);
	}
}

void page_metrics(struct request *r)
{
	struct buf *out = &r->reply.body;
	r->reply.type = "text/plain; version=0.0.4; charset=utf-8";
	r->reply.cache = REPLY_NEVER;
	family(out, "wheelfarm_build_info", "gauge", "The program; always 1.");
	buf_printf(out, "wheelfarm_build_info{version=\"%s\"} 1\n", WHEELFARM_VERSION);
	if (r->server->queue != NULL) {
		struct queue_counts counts;
		queue_counts(r->server->queue, &counts);
		add_queue(out, &counts);
		sample(out, "wheelfarm_writer_behind_seconds", "gauge",
			"For how long the oldest write has waited that is not on the disk.",
			(double)queue_behind_ms(r->server->queue) / 1000.0);
	}
	add_disk(out, r->server->readers.database);
	add_process(out);
	request_reply(r);
}
