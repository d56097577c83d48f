#include "web/api_admin.h"

#include "coordinator/store/audit.h"
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/farm_protocol/message.h"
#include "core/io/sha256.h"
#include "reports/agents.h"
#include "web/api_reply.h"
#include "web/page_render.h"
#include "web/routes.h"
#include "web/server_parts.h"

#include <netdb.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

enum { AUDIT_MOST = 1000, WHO = 64 };

/* --- admission --- */

/* Every hash is compared, each in a time that does not tell how much of it was right. */
static bool is_admin(const struct server *s, struct str token)
{
	unsigned char digest[SHA256_BYTES];
	char hash[SHA256_HEX];
	bool known = false;
	sha256_of(token, digest);
	sha256_hex(digest, hash);
	for (size_t i = 0; i < SERVER_ADMINS; i++) {
		known |= s->admin_hashes[i] != NULL && strlen(s->admin_hashes[i]) == SHA256_HEX - 1 &&
			CRYPTO_memcmp(s->admin_hashes[i], hash, SHA256_HEX - 1) == 0;
	}
	return known && token.n != 0;
}

/* The address that the request came from, "?" if the system does not say. */
static void write_who(struct request *r, char out[static WHO])
{
	const union MHD_ConnectionInfo *info =
		mhd()->get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info != NULL ? info->client_addr : NULL;
	socklen_t size = address != NULL && address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
																	   : sizeof(struct sockaddr_in);
	if (address == NULL || getnameinfo(address, size, out, WHO, NULL, 0, NI_NUMERICHOST) != 0) {
		memcpy(out, "?", 2);
	}
}

bool api_admin_admit(struct request *r)
{
	if (r->server->queue == NULL || r->server->writer == NULL) {
		api_refuse_status(r, MHD_HTTP_SERVICE_UNAVAILABLE, "no_queue", "This server has no queue.");
		return false;
	}
	if (!is_admin(r->server, api_bearer(r))) {
		char who[WHO];
		write_who(r, who);
		log_warn(
			"web", "%s: an administrator's token was asked for and not given by %s", r->path, who);
		api_refuse_status(
			r, MHD_HTTP_UNAUTHORIZED, "token", "This address is for administrators of the farm.");
		return false;
	}
	return true;
}

/* --- a deed: its line, the deed, its outcome, the answer --- */

struct deed {
	struct request *request;
	char who[WHO];
	char *subject;
	const char *action;
	int64_t now;
	int64_t line; /* in the audit log */
	bool trusted;
	struct err outcome; /* its text */
	void (*begin)(struct deed *d);
};

static int write_line(struct store *s, void *user, struct err *e)
{
	struct deed *d = user;
	const struct store_audit line = {
		.at = d->now, .who = d->who, .action = d->action, .subject = d->subject};
	return store_audit_begin(s, &line, &d->line, e);
}

static int write_outcome(struct store *s, void *user, struct err *e)
{
	const struct deed *d = user;
	return store_audit_end(s, d->line, d->outcome.text, e);
}

static void end_deed(struct deed *d)
{
	request_reply(d->request);
	free(d->subject);
	free(d);
}

static void on_outcome(void *user, int code, const struct err *e)
{
	if (code != 0) {
		log_error("web", "audit: %s", e->text);
	}
	end_deed(user);
}

/* The reply is there; so is the outcome in the log, then the reply goes out. */
static void close_deed(struct deed *d, int code, const struct err *e)
{
	const char *told = e != NULL ? e->text : err_text(code);
	err_set(&d->outcome, code, "%s", code == 0 ? "ok" : told);
	log_info("web", "%s %s by %s: %s", d->action, d->subject, d->who, d->outcome.text);
	if (store_write(d->request->server->writer, write_outcome, on_outcome, d) != 0) {
		end_deed(d);
	}
}

static void on_line(void *user, int code, const struct err *e)
{
	struct deed *d = user;
	if (code != 0) {
		api_refuse(d->request, code, e);
		end_deed(d);
		return;
	}
	d->begin(d);
}

/* `name` is copied. */
static void start_deed(struct request *r, const char *action, const char *name, bool trusted,
	void (*begin)(struct deed *))
{
	struct deed *d = MEM_NEW(struct deed);
	*d = (struct deed){
		.request = r,
		.subject = str_dup(str_from(name)),
		.action = action,
		.now = clock_wall_ms(),
		.trusted = trusted,
		.begin = begin,
	};
	write_who(r, d->who);
	int code = store_write(r->server->writer, write_line, on_line, d);
	if (code != 0) {
		api_refuse(r, code, NULL);
		end_deed(d);
	}
}

/* --- agents --- */

struct agent_order {
	const char *name;
	bool trusted;
};
static const struct json_field agent_order_fields[] = {
	JSON_FIELD(struct agent_order, name, JSON_FIELD_TEXT, true),
	JSON_FIELD(struct agent_order, trusted, JSON_FIELD_BOOL, false),
	{0},
};

static void on_added(void *user, int code, const char *token, const struct err *e)
{
	struct deed *d = user;
	struct request *r = d->request;
	if (code == ERR_CONFLICT) {
		api_refuse_status(r, MHD_HTTP_CONFLICT, "exists", e->text);
	} else if (code != 0) {
		api_refuse(r, code, e);
	} else {
		struct json_writer w;
		api_reply_begin(r, MHD_HTTP_CREATED, &w);
		json_kv_text(&w, "name", d->subject);
		json_kv_text(&w, "token", token);
		api_reply_end(&w);
	}
	close_deed(d, code, e);
}

static void begin_add(struct deed *d)
{
	queue_agent_add(d->request->server->queue, d->subject, d->trusted, false, on_added, d);
}

void api_admin_agent_add(struct request *r)
{
	struct agent_order order = {0};
	struct err e = {0};
	int code = message_read(buf_view(&r->body), agent_order_fields, "agent", &order, &r->arena, &e);
	if (code != 0) {
		api_refuse(r, code, &e);
		request_reply(r);
		return;
	}
	start_deed(r, "agent_add", order.name, order.trusted, begin_add);
}

static void on_changed(void *user, int code, const struct err *e)
{
	struct deed *d = user;
	struct request *r = d->request;
	if (code != 0) {
		api_refuse(r, code, e);
	} else {
		struct json_writer w;
		api_reply_begin(r, MHD_HTTP_OK, &w);
		json_kv_text(&w, "name", d->subject);
		json_kv_text(&w, "done", d->action);
		api_reply_end(&w);
	}
	close_deed(d, code, e);
}

static void begin_drain(struct deed *d)
{
	queue_drain_agent(d->request->server->queue, d->subject, on_changed, d);
}

static void begin_release(struct deed *d)
{
	queue_release_agent(d->request->server->queue, d->subject, on_changed, d);
}

static void begin_revoke(struct deed *d)
{
	queue_revoke_agent(d->request->server->queue, d->subject, on_changed, d);
}

void api_admin_agent_drain(struct request *r)
{
	start_deed(r, "agent_drain", r->argument, false, begin_drain);
}

void api_admin_agent_release(struct request *r)
{
	start_deed(r, "agent_release", r->argument, false, begin_release);
}

void api_admin_agent_revoke(struct request *r)
{
	start_deed(r, "agent_revoke", r->argument, false, begin_revoke);
}

/* --- what there is to read --- */

int api_admin_agents(struct request *r, struct store *s, struct err *e)
{
	struct store_agent *agents = NULL;
	size_t count = 0;
	int code = store_agent_list(s, &r->arena, &agents, &count, e);
	struct json_writer w;
	api_reply_begin(r, MHD_HTTP_OK, &w);
	json_key(&w, "agents");
	json_array_begin(&w);
	for (size_t i = 0; i < count; i++) {
		report_agent_json(&agents[i], &w);
	}
	json_array_end(&w);
	api_reply_end(&w);
	return code;
}

int api_admin_audit(struct request *r, struct store *s, struct err *e)
{
	struct store_audit *lines = NULL;
	size_t count = 0;
	int64_t most = 100;
	if (!request_query_int(r, "most", &most) || most < 1 || most > AUDIT_MOST) {
		return err_set(e, ERR_INVALID, "most is a number from 1 to %d.", AUDIT_MOST);
	}
	int code = store_audit_list(s, most, &r->arena, &lines, &count, e);
	struct json_writer w;
	api_reply_begin(r, MHD_HTTP_OK, &w);
	json_key(&w, "audit");
	json_array_begin(&w);
	for (size_t i = 0; i < count; i++) {
		json_object_begin(&w);
		json_kv_time(&w, "at", lines[i].at);
		json_kv_text(&w, "who", lines[i].who);
		json_kv_text(&w, "action", lines[i].action);
		json_kv_text(&w, "subject", lines[i].subject);
		json_kv_text(&w, "outcome", lines[i].outcome);
		json_object_end(&w);
	}
	json_array_end(&w);
	api_reply_end(&w);
	return code;
}
