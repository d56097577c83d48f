#include "web/request.h"

#include "core/base/clock.h"
#include "core/io/loop.h"
#include "reports/json_page.h"
#include "web/api_admin.h"
#include "web/api_agent.h"
#include "web/api_reply.h"
#include "web/assets.h"
#include "web/page_render.h"
#include "web/routes.h"
#include "web/server_parts.h"

#include <stdlib.h>
#include <string.h>

enum { PATH_LIMIT = 1000, QUERY_LIMIT = 1000 };

const char *request_query(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->query_count; i++) {
		if (strcmp(r->query[i].name, name) == 0) {
			return r->query[i].value;
		}
	}
	return NULL;
}

bool request_query_int(const struct request *r, const char *name, int64_t *out)
{
	const char *text = request_query(r, name);
	return text == NULL || str_to_i64(str_from(text), out);
}

bool request_query_fits(const struct request *r, const char *name, size_t most)
{
	return str_characters(str_from(request_query(r, name))) <= most;
}

static const char *copy(struct request *r, const char *text_or_null)
{
	return text_or_null != NULL ? arena_copy(&r->arena, text_or_null, strlen(text_or_null)) : NULL;
}

static const char *header(struct request *r, const char *name)
{
	return copy(r, mhd()->lookup_connection_value(r->connection, MHD_HEADER_KIND, name));
}

/* --- answers --- */

static void error_page(struct request *r, int status, const char *sentence)
{
	struct html h = {.out = &r->reply.body};
	const struct page page = {.assets = &asset_addresses, .now = clock_wall_ms()};
	html_page_error(&h, &page, status, sentence);
}

static void error_json(struct request *r, int status, const char *sentence)
{
	struct json_writer w;
	json_writer_init(&w, &r->reply.body, true);
	json_page_error(status, sentence, &w);
	json_writer_finish(&w);
}

void request_error(struct request *r, int status, const char *sentence)
{
	enum route_form form = r->route != NULL ? (enum route_form)r->form : ROUTE_HTML;
	reply_clear(&r->reply);
	r->reply.status = status;
	if (form == ROUTE_HTML) {
		error_page(r, status, sentence);
	} else if (form == ROUTE_JSON || form == ROUTE_DATA) {
		error_json(r, status, sentence);
	} else {
		form = ROUTE_TEXT;
		buf_printf(&r->reply.body, "%s\n", sentence);
	}
	r->reply.type = route_type(form);
	r->reply.cache = REPLY_NEVER;
}

static void list_suspended(struct request *r)
{
	struct server *s = r->server;
	r->next = s->suspended;
	r->link = &s->suspended;
	if (r->next != NULL) {
		r->next->link = &r->next;
	}
	s->suspended = r;
	r->suspended = true;
}

static void resume(struct request *r)
{
	*r->link = r->next;
	if (r->next != NULL) {
		r->next->link = r->link;
	}
	r->suspended = false;
	mhd()->resume_connection(r->connection);
	server_wake(r->server);
}

void request_reply(struct request *r)
{
	if (r->replied) {
		mem_bug("web: %s answered twice", r->path);
	}
	r->replied = true;
	if (r->suspended) {
		resume(r);
	}
}

/* --- work off the loop --- */

struct request_job {
	struct request *request;
	void (*work)(struct request *r);
	struct request_job *next; /* of those that wait */
};

static void job_work(void *user)
{
	struct request_job *job = user;
	job->work(job->request);
}

static void job_done(void *user);

static void start_jobs(struct server *s)
{
	while (s->jobs.first != NULL && s->jobs.working < s->jobs.most) {
		struct request_job *job = s->jobs.first;
		s->jobs.first = job->next;
		s->jobs.working++;
		loop_work(s->loop, job_work, job_done, job);
	}
}

static void job_done(void *user)
{
	struct request_job *job = user;
	struct server *s = job->request->server;
	s->jobs.working--;
	start_jobs(s);
	request_reply(job->request);
	free(job);
}

void request_work(struct request *r, void (*work)(struct request *r))
{
	struct request_jobs *jobs = &r->server->jobs;
	struct request_job *job = MEM_NEW(struct request_job);
	*job = (struct request_job){.request = r, .work = work};
	*(jobs->first != NULL ? jobs->last : &jobs->first) = job;
	jobs->last = &job->next;
	start_jobs(r->server);
}

/* --- from the daemon --- */

static enum MHD_Result add_query(void *user, enum MHD_ValueKind kind, const char *name,
	size_t name_size, const char *value, size_t value_size)
{
	struct request *r = user;
	if (r->query_count == REQUEST_QUERY_MAX || value_size > QUERY_LIMIT) {
		r->query_wrong = "The query is longer than any page here takes.";
		return MHD_NO;
	}
	if (value != NULL && memchr(value, 0, value_size) != NULL) {
		r->query_wrong = "No name and no log has a zero byte.";
		return MHD_NO;
	}
	if (value != NULL) {
		r->query[r->query_count++] = (struct query_value){copy(r, name), copy(r, value)};
	}
	return MHD_YES;
}

/* Decides by the request's head alone; an early answer refuses its body. */
static void begin(struct request *r, const char *url, const char *method)
{
	if (strlen(url) > PATH_LIMIT) {
		request_error(r, MHD_HTTP_URI_TOO_LONG, "This address is longer than any page's here.");
		r->replied = true;
		return;
	}
	r->path = copy(r, url);
	const struct route_match m = route_find(method, str_from(r->path));
	r->route = m.route;
	r->form = m.form;
	if (r->route == NULL) {
		const char *allow = m.allow;
		request_error(r, allow != NULL ? MHD_HTTP_METHOD_NOT_ALLOWED : MHD_HTTP_NOT_FOUND,
			allow != NULL ? "This address does not take that method."
						  : "There is no page at this address.");
		r->reply.allow = allow;
		r->replied = true;
		return;
	}
	r->argument = arena_copy(&r->arena, m.arguments[0].p, m.arguments[0].n);
	r->second = arena_copy(&r->arena, m.arguments[1].p, m.arguments[1].n);
	r->if_none_match = header(r, MHD_HTTP_HEADER_IF_NONE_MATCH);
	r->last_event = header(r, "Last-Event-ID");
	r->accepts_gzip = reply_accepts_gzip(header(r, MHD_HTTP_HEADER_ACCEPT_ENCODING));
	mhd()->get_connection_values_n(r->connection, MHD_GET_ARGUMENT_KIND, add_query, r);

	if (r->query_wrong != NULL) {
		request_error(r, MHD_HTTP_BAD_REQUEST, r->query_wrong);
		r->replied = true;
		return;
	}
	const char *length = header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t announced = 0;
	if (length != NULL && str_to_u64(str_from(length), &announced) &&
		announced > r->route->body_limit) {
		request_error(r, MHD_HTTP_CONTENT_TOO_LARGE, "The body is larger than this address takes.");
		r->replied = true;
	}
	if (!r->replied && r->route->access == ROUTE_AGENT) {
		r->refused = !api_agent_admit(r);
	} else if (!r->replied && r->route->access == ROUTE_ADMIN) {
		r->refused = !api_admin_admit(r);
	}
}

static struct request *request_create(struct server *s, struct MHD_Connection *connection)
{
	struct request *r = MEM_NEW(struct request);
	r->server = s;
	r->connection = connection;
	const union MHD_ConnectionInfo *info =
		mhd()->get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	r->client = info->socket_context;
	r->path = r->argument = r->second = "";
	reply_init(&r->reply);
	return r;
}

static uint64_t reply_size(const struct reply *reply)
{
	return reply->file >= 0    ? reply->file_size
		: reply->fixed != NULL ? reply->fixed_size
							   : reply->body.n;
}

static enum MHD_Result send_reply(struct request *r)
{
	if (r->gone) {
		return MHD_NO;
	}
	if (r->reply.stream != NULL) {
		client_streaming(r->client);
	} else {
		client_sending(r->client, reply_size(&r->reply));
	}
	return reply_send(&r->reply, r->client, r->connection);
}

static void take_body(struct request *r, const char *data, size_t size)
{
	if (r->refused || r->body_too_large) {
		return; /* read and dropped: a client that still writes would not read our answer */
	}
	if (size > r->route->body_limit - r->body.n) {
		r->body_too_large = true;
		return;
	}
	if (size > SERVER_BODIES - r->server->body_bytes) {
		r->refused = true;
		api_refuse(r, ERR_BUSY, NULL);
		return;
	}
	r->server->body_bytes += size;
	buf_add(&r->body, data, size);
}

static void start(struct request *r)
{
	r->started = true;
	r->client->due = 0;
	if (r->body_too_large) {
		request_error(r, MHD_HTTP_CONTENT_TOO_LARGE, "The body is larger than this address takes.");
		request_reply(r);
	} else if (r->server->stopping) {
		request_error(r, MHD_HTTP_SERVICE_UNAVAILABLE, "The farm is stopping.");
		r->reply.retry_after = 1;
		request_reply(r);
	} else if (r->refused) {
		request_reply(r);
	} else {
		r->route->handle != NULL ? r->route->handle(r) : request_work(r, page_render);
	}
}

enum MHD_Result request_on_access(void *server, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **request)
{
	if (*request == NULL) {
		struct request *created = request_create(server, connection);
		*request = created;
		begin(created, url, method);
		return created->replied ? send_reply(created) : MHD_YES;
	}
	struct request *r = *request;
	if (*size > 0) {
		take_body(r, data, *size);
		*size = 0;
		return MHD_YES;
	}
	if (!r->started) {
		start(r);
	}
	if (r->replied) {
		return send_reply(r);
	}
	list_suspended(r);
	mhd()->suspend_connection(connection);
	return MHD_YES;
}

void request_on_completed(void *server, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode why)
{
	struct request *r = *request;
	if (r == NULL) {
		return;
	}
	r->client->due = clock_steady_ms() + r->server->receive_s * INT64_C(1000);
	reply_finish(&r->reply);
	r->server->body_bytes -= r->body.n;
	buf_finish(&r->body);
	arena_finish(&r->arena);
	free(r);
	*request = NULL;
}
