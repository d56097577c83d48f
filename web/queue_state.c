#include "web/queue_state.h"

#include "coordinator/store/target.h"
#include "web/api_reply.h"
#include "web/server_parts.h"

/* Seconds that nobody knows are null. */
static void seconds(struct json_writer *w, const char *key, double value)
{
	json_key(w, key);
	if (value < 0) {
		json_null(w);
	} else {
		json_double(w, value);
	}
}

static void target(struct json_writer *w, const struct queue_outlook *o)
{
	json_object_begin(w);
	json_kv_text(w, "target", o->name);
	json_kv_int(w, "queued", (int64_t)o->queued);
	json_kv_int(w, "leased", (int64_t)o->leased);
	json_kv_int(w, "agents", (int64_t)o->agents);
	json_kv_int(w, "slots", (int64_t)o->slots);
	seconds(w, "average_s", o->average_s);
	seconds(w, "eta_s", o->eta_s);
	json_object_end(w);
}

void page_queue(struct request *r)
{
	struct queue_outlook all[STORE_TARGETS];
	struct queue_counts counts;
	struct json_writer w;
	if (r->server->queue == NULL) {
		api_refuse_status(r, MHD_HTTP_SERVICE_UNAVAILABLE, "no_queue", "This server has no queue.");
		request_reply(r);
		return;
	}
	queue_counts(r->server->queue, &counts);
	size_t n = queue_outlooks(r->server->queue, all, STORE_TARGETS);
	api_reply_begin(r, MHD_HTTP_OK, &w);
	json_kv_int(&w, "schema", 1);
	json_kv_int(&w, "queued", (int64_t)counts.queued);
	json_kv_int(&w, "leased", (int64_t)counts.leased);
	json_kv_int(&w, "agents", (int64_t)counts.agents);
	json_key(&w, "targets");
	json_array_begin(&w);
	for (size_t i = 0; i < n; i++) {
		target(&w, &all[i]);
	}
	json_array_end(&w);
	api_reply_end(&w);
	request_reply(r);
}
