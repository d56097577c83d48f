#include "core/io/fetch.h"

#include "core/io/fetch_parts.h"

#include "core/base/mem.h"

#include <stdlib.h>

enum {
	CONNECTIONS = 8,
	/* Transfers that curl has at a time. Its time limit runs from the moment it is given one, so
	 * that thousands given at once would time out while they wait for a connection. */
	ACTIVE = 256,
};

struct fetch {
	uv_loop_t *loop;
	CURLM *multi;
	struct fetch_settings settings;
	uv_timer_t timeout; /* curl's */
	uv_timer_t kick; /* starts and cancels transfers outside of curl's callbacks */
	struct fetch_transfer *first;
	struct fetch_transfer *last;
	size_t active;
	size_t dead; /* transfers that wait for next_dead to find them */
	int inside; /* callbacks of ours on the stack */
	struct watch *changed; /* what they are to watch is applied behind the last of them */
	int open; /* uv handles */
	bool destroying;
	bool destroyed;
};

struct watch {
	uv_poll_t poll;
	struct fetch *client;
	curl_socket_t socket;
	int wanted, watched; /* events */
	bool changed, closing;
	struct watch *next_changed;
};

static void check_finished(struct fetch *f);
static void leave(struct fetch *f);

static void on_handle_closed(uv_handle_t *handle)
{
	struct fetch *f = handle->data;
	if (--f->open == 0 && f->destroyed) {
		free(f);
	}
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *w = mem_container_of((uv_poll_t *)handle, struct watch, poll);
	on_handle_closed(handle);
	free(w);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct watch *w = mem_container_of(poll, struct watch, poll);
	struct fetch *f = w->client;
	int flags = status < 0 ? CURL_CSELECT_ERR : 0;
	flags |= (events & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0;
	flags |= (events & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0;
	int running = 0;
	f->inside++;
	curl()->multi_socket_action(f->multi, w->socket, flags, &running);
	check_finished(f);
	leave(f);
}

/* curl goes to and fro with each request on a shared connection, and each change costs a call of the
 * kernel: only what is left of it is one. */
static void want(struct watch *w, int events)
{
	struct fetch *f = w->client;
	w->wanted = events;
	if (!w->changed) {
		w->changed = true;
		w->next_changed = f->changed;
		f->changed = w;
	}
}

static void apply_changes(struct fetch *f)
{
	for (struct watch *w = f->changed; w != NULL; w = w->next_changed) {
		w->changed = false;
		if (w->wanted != w->watched && !w->closing &&
			uv_poll_start(&w->poll, w->wanted, on_poll) < 0) {
			mem_bug("a socket of curl cannot be watched");
		}
		w->watched = w->wanted;
	}
	f->changed = NULL;
}

static int on_curl_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *assigned)
{
	struct fetch *f = user;
	struct watch *w = assigned;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL) {
			w->closing = true;
			uv_poll_stop(&w->poll);
			uv_close((uv_handle_t *)&w->poll, on_watch_closed);
			curl()->multi_assign(f->multi, socket, NULL);
		}
		return 0;
	}
	if (w == NULL) {
		w = MEM_NEW(struct watch);
		if (uv_poll_init_socket(f->loop, &w->poll, socket) < 0) {
			free(w);
			return -1;
		}
		w->poll.data = f;
		w->client = f;
		w->socket = socket;
		f->open++;
		curl()->multi_assign(f->multi, socket, w);
	}
	int events = (what & CURL_POLL_IN) != 0 ? UV_READABLE : 0;
	events |= (what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0;
	want(w, events);
	return 0;
}

static void on_timeout(uv_timer_t *timer)
{
	struct fetch *f = timer->data;
	int running = 0;
	f->inside++;
	curl()->multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	check_finished(f);
	leave(f);
}

static int on_curl_timer(CURLM *multi, long ms, void *user)
{
	struct fetch *f = user;
	if (f->destroyed) {
		return 0;
	}
	if (ms < 0) {
		uv_timer_stop(&f->timeout);
	} else {
		uv_timer_start(&f->timeout, on_timeout, (uint64_t)ms, 0);
	}
	return 0;
}

static bool is_dead(const struct fetch_transfer *t)
{
	return t->cancelled || (t->state == FETCH_WAITING && t->code < 0);
}

static void end(struct fetch *f, struct fetch_transfer *t, CURLcode status)
{
	if (t->state == FETCH_ACTIVE) {
		curl()->multi_remove_handle(f->multi, t->easy);
		f->active--;
	}
	*(t->previous != NULL ? &t->previous->next : &f->first) = t->next;
	*(t->next != NULL ? &t->next->previous : &f->last) = t->previous;
	if (is_dead(t)) {
		f->dead--;
	}
	t->state = FETCH_ENDING;
	fetch_transfer_end(t, status);
	fetch_transfer_destroy(t);
}

static void on_kick(uv_timer_t *timer);

static void kick(struct fetch *f)
{
	if (!f->destroyed) {
		uv_timer_start(&f->kick, on_kick, 0, 0);
	}
}

static void check_finished(struct fetch *f)
{
	int left = 0;
	for (CURLMsg *m; (m = curl()->multi_info_read(f->multi, &left)) != NULL;) {
		if (m->msg != CURLMSG_DONE) {
			continue;
		}
		struct fetch_transfer *t = NULL;
		CURLcode status = m->data.result;
		curl()->easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		end(f, t, status);
		kick(f); /* there is room for one that waits */
	}
}

/* The next transfer that cannot go on, or NULL. on_end may change the list, so that each search
 * starts anew; cancels are rare. */
static struct fetch_transfer *next_dead(struct fetch *f)
{
	if (f->dead == 0) {
		return NULL;
	}
	for (struct fetch_transfer *t = f->first; t != NULL; t = t->next) {
		if (is_dead(t)) {
			return t;
		}
	}
	return NULL;
}

static void on_kick(uv_timer_t *timer)
{
	struct fetch *f = timer->data;
	f->inside++;
	for (struct fetch_transfer *t; (t = next_dead(f)) != NULL;) {
		end(f, t, CURLE_OK);
	}
	for (struct fetch_transfer *t = f->first; t != NULL && f->active < ACTIVE; t = t->next) {
		if (t->state == FETCH_WAITING) {
			CURLMcode code = curl()->multi_add_handle(f->multi, t->easy);
			if (code != CURLM_OK) {
				mem_bug("curl takes no transfer: %s", curl()->multi_strerror(code));
			}
			t->state = FETCH_ACTIVE;
			f->active++;
		}
	}
	leave(f);
}

static char *copy_or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? str_dup(str_from(text)) : NULL;
}

static void open_timer(struct fetch *f, uv_timer_t *timer)
{
	uv_timer_init(f->loop, timer);
	timer->data = f;
	f->open++;
}

struct fetch *fetch_create(uv_loop_t *loop, const struct fetch_options *options)
{
	struct fetch *f = MEM_NEW(struct fetch);
	f->loop = loop;
	if (curl()->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		mem_bug("libcurl does not start");
	}
	f->multi = curl()->multi_init();
	if (f->multi == NULL) {
		mem_bug("no memory for a curl multi handle");
	}
	f->settings.user_agent =
		str_dup(options->user_agent != NULL ? str_from(options->user_agent)
											: STR("wheelfarm/" WHEELFARM_VERSION));
	f->settings.ca_file = copy_or_null(options->ca_file);
	f->settings.proxy = copy_or_null(options->proxy);
	/* The curl program reads these, its library does not. */
	static const char *const variables[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};
	for (size_t i = 0; i < 2 && f->settings.ca_file == NULL; i++) {
		f->settings.ca_file = copy_or_null(getenv(variables[i]));
	}
	open_timer(f, &f->timeout);
	open_timer(f, &f->kick);
	curl()->multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl()->multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
	curl()->multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl()->multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
	long connections = options->max_connections > 0 ? options->max_connections : CONNECTIONS;
	curl()->multi_setopt(f->multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
	curl()->multi_setopt(f->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	return f;
}

static void destroy_now(struct fetch *f)
{
	f->inside++; /* an on_end that calls fetch_destroy again finds it under way */
	while (f->first != NULL) {
		fetch_cancel(f->first);
		end(f, f->first, CURLE_OK);
	}
	f->destroyed = true;
	fetch_settings_finish(&f->settings);
	curl()->multi_cleanup(f->multi); /* closes the watches through on_curl_socket */
	curl()->global_cleanup();
	uv_close((uv_handle_t *)&f->timeout, on_handle_closed);
	uv_close((uv_handle_t *)&f->kick, on_handle_closed);
}

static void leave(struct fetch *f)
{
	if (--f->inside == 0) {
		apply_changes(f);
		if (f->destroying) {
			destroy_now(f);
		}
	}
}

void fetch_destroy(struct fetch *f)
{
	if (f == NULL || f->destroying) {
		return;
	}
	f->destroying = true;
	if (f->inside == 0) {
		destroy_now(f);
	}
}

struct fetch_transfer *fetch_start(struct fetch *f, const struct fetch_request *request)
{
	struct fetch_transfer *t = fetch_transfer_create(request, &f->settings);
	t->client = f;
	t->previous = f->last;
	*(f->last != NULL ? &f->last->next : &f->first) = t;
	f->last = t;
	f->dead += t->code < 0;
	kick(f);
	return t;
}

void fetch_cancel(struct fetch_transfer *t)
{
	if (t->state == FETCH_ENDING || t->cancelled) {
		return;
	}
	t->client->dead += !is_dead(t);
	t->cancelled = true;
	kick(t->client);
}

static void pause_or_resume(struct fetch_transfer *t, int how)
{
	struct fetch *f = t->client;
	if (t->state == FETCH_ACTIVE) {
		f->inside++;
		curl()->easy_pause(t->easy, how);
		leave(f);
	}
}

void fetch_pause(struct fetch_transfer *t)
{
	pause_or_resume(t, CURLPAUSE_RECV);
}

void fetch_resume(struct fetch_transfer *t)
{
	pause_or_resume(t, CURLPAUSE_RECV_CONT);
}
