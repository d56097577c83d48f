#include "web/api_agent.h"

#include "core/farm_protocol/message.h"
#include "core/io/json.h"
#include "web/api_reply.h"
#include "web/routes.h"
#include "web/server_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- answers --- */

static void begin_reply(struct request *r)
{
	reply_clear(&r->reply);
	r->reply.type = route_type(ROUTE_DATA);
	r->reply.cache = REPLY_NEVER;
}

static void reply_message(struct request *r, const struct json_field *fields, const void *message)
{
	begin_reply(r);
	message_write(&r->reply.body, fields, message);
}

static void reply_nothing(struct request *r)
{
	reply_clear(&r->reply);
	r->reply.status = MHD_HTTP_NO_CONTENT;
	r->reply.cache = REPLY_NEVER;
}

/* --- admission --- */

bool api_agent_admit(struct request *r)
{
	struct err e = {0};
	int64_t protocol = 0;
	if (r->server->queue == NULL) {
		api_refuse_status(r, MHD_HTTP_SERVICE_UNAVAILABLE, "no_queue", "This server has no queue.");
		return false;
	}
	r->agent = queue_authenticate(r->server->queue, api_bearer(r), &e);
	if (r->agent == NULL) {
		api_refuse_status(
			r, MHD_HTTP_UNAUTHORIZED, "token", "The token is unknown or was revoked.");
		return false;
	}
	struct str version = str_from(
		mhd()->lookup_connection_value(r->connection, MHD_HEADER_KIND, "Wheelfarm-Protocol"));
	if (!str_to_i64(version, &protocol) || protocol < PROTOCOL_VERSION - 1 ||
		protocol > PROTOCOL_VERSION + 1) {
		api_refuse_status(r, MHD_HTTP_UPGRADE_REQUIRED, "protocol",
			"The coordinator speaks another protocol version: update the agent.");
		return false;
	}
	return true;
}

/* The body as a message; else the refusal is sent and false returned. */
static bool read_message(
	struct request *r, const struct json_field *fields, const char *what, void *out)
{
	struct err e = {0};
	int code = message_read(buf_view(&r->body), fields, what, out, &r->arena, &e);
	if (code == 0) {
		return true;
	}
	api_refuse(r, code, &e);
	request_reply(r);
	return false;
}

static struct str fence_of(const struct request *r)
{
	return str_from(request_query(r, "fence"));
}

/* ?NAME= as bytes; else the refusal is sent and false returned. */
static bool read_size(struct request *r, const char *name, uint64_t *out)
{
	const char *text = request_query(r, name);
	if (text != NULL && str_to_u64(str_from(text), out)) {
		return true;
	}
	api_refuse_status(r, MHD_HTTP_BAD_REQUEST, "invalid", "offset and total are numbers of bytes.");
	request_reply(r);
	return false;
}

/* --- hello --- */

static void on_hello(void *user, int code, const struct err *e)
{
	struct request *r = user;
	if (code != 0) {
		api_refuse(r, code, e);
	} else {
		struct welcome welcome;
		queue_welcome(r->server->queue, r->agent, &welcome);
		reply_message(r, welcome_fields, &welcome);
	}
	request_reply(r);
}

void api_agent_hello(struct request *r)
{
	struct hello hello = {0};
	if (read_message(r, hello_fields, "hello", &hello)) {
		queue_hello(r->server->queue, r->agent, &hello, on_hello, r);
	}
}

/* --- lease --- */

static void on_lease(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	struct request *r = user;
	r->wait = NULL;
	r->cancel = NULL;
	if (code == 0) {
		begin_reply(r);
		buf_add_str(&r->reply.body, grant->json);
	} else if (code == ERR_TIMEOUT) {
		reply_nothing(r);
	} else if (code == ERR_NOT_FOUND) {
		api_refuse_status(r, MHD_HTTP_GONE, "done", "No job will come any more.");
	} else {
		api_refuse(r, code, e);
	}
	request_reply(r);
}

static void cancel_lease(struct request *r)
{
	queue_lease_cancel(r->server->queue, r->wait);
	r->wait = NULL;
}

void api_agent_lease(struct request *r)
{
	struct lease_request request = {0};
	if (read_message(r, lease_request_fields, "lease request", &request)) {
		r->cancel = cancel_lease;
		r->wait = queue_lease(r->server->queue, r->agent, &request, on_lease, r);
	}
}

/* --- heartbeat, result --- */

static void on_heartbeat(
	void *user, int code, const struct heartbeat_reply *reply, const struct err *e)
{
	struct request *r = user;
	if (code != 0) {
		api_refuse(r, code, e);
	} else {
		reply_message(r, heartbeat_reply_fields, reply);
	}
	request_reply(r);
}

void api_agent_heartbeat(struct request *r)
{
	struct heartbeat beat = {0};
	if (read_message(r, heartbeat_fields, "heartbeat", &beat)) {
		queue_heartbeat(r->server->queue, r->agent, &beat, on_heartbeat, r);
	}
}

static void on_result(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	struct request *r = user;
	if (code != 0) {
		api_refuse(r, code, e);
	} else {
		begin_reply(r);
		buf_add_text(&r->reply.body, "{\"accepted\":true");
		if (grant != NULL) {
			buf_add_text(&r->reply.body, ",\"lease\":");
			buf_add_str(&r->reply.body, grant->json);
		}
		buf_add_char(&r->reply.body, '}');
	}
	request_reply(r);
}

void api_agent_result(struct request *r)
{
	int64_t next = -1;
	if (!request_query_int(r, "next", &next)) {
		api_refuse_status(r, MHD_HTTP_BAD_REQUEST, "invalid", "next is the number of a slot.");
		request_reply(r);
		return;
	}
	queue_result(r->server->queue, r->agent, buf_view(&r->body), next, on_result, r);
}

/* --- logs and blobs --- */

void api_agent_log(struct request *r)
{
	struct err e = {0};
	uint64_t offset = 0;
	uint64_t size = 0;
	if (!read_size(r, "offset", &offset)) {
		return;
	}
	int code = queue_log_append(
		r->server->queue, r->agent, fence_of(r), offset, buf_view(&r->body), &size, &e);
	if (code == 0) {
		reply_nothing(r);
	} else if (code == ERR_CONFLICT) {
		struct json_writer w;
		api_reply_begin(r, MHD_HTTP_CONFLICT, &w);
		json_kv_int(&w, "status", MHD_HTTP_CONFLICT);
		json_kv_text(&w, "error", "offset");
		json_kv_int(&w, "offset", (int64_t)size);
		api_reply_end(&w);
	} else {
		api_refuse(r, code, &e);
	}
	request_reply(r);
}

static void reply_upload(
	struct request *r, int code, const struct queue_upload_state *state, const struct err *e)
{
	if (code != 0 && code != ERR_CONFLICT) {
		api_refuse(r, code, e);
	} else {
		struct json_writer w;
		api_reply_begin(r, code == 0 ? MHD_HTTP_OK : MHD_HTTP_CONFLICT, &w);
		if (code != 0) {
			json_kv_int(&w, "status", MHD_HTTP_CONFLICT);
			json_kv_text(&w, "error", "offset");
			json_kv_int(&w, "offset", (int64_t)state->size);
		}
		json_kv_int(&w, "size", (int64_t)state->size);
		json_kv_bool(&w, "complete", state->complete);
		api_reply_end(&w);
	}
	request_reply(r);
}

static void on_upload(
	void *user, int code, const struct queue_upload_state *state, const struct err *e)
{
	reply_upload(user, code, state, e);
}

void api_agent_upload_state(struct request *r)
{
	struct err e = {0};
	struct queue_upload_state state = {0};
	int code = queue_upload_size(
		r->server->queue, r->agent, fence_of(r), str_from(r->argument), &state, &e);
	reply_upload(r, code, &state, &e);
}

void api_agent_upload(struct request *r)
{
	uint64_t offset = 0;
	uint64_t total = 0;
	if (read_size(r, "offset", &offset) && read_size(r, "total", &total)) {
		queue_upload_append(r->server->queue, r->agent, fence_of(r), str_from(r->argument), offset,
			total, buf_view(&r->body), on_upload, r);
	}
}

void api_agent_blob(struct request *r)
{
	struct stat st;
	struct str hex = str_from(r->argument);
	char *path = sha256_hex_valid(hex) ? blob_store_path(r->server->blobs, hex) : NULL;
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	free(path);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0) {
			close(fd);
		}
		api_refuse_status(r, MHD_HTTP_NOT_FOUND, "not_found", "There is no such blob here.");
	} else {
		r->reply.file = fd;
		r->reply.file_size = (uint64_t)st.st_size;
		r->reply.type = "application/octet-stream";
		r->reply.cache = REPLY_NEVER;
	}
	request_reply(r);
}
