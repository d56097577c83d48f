#include "web/server.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/io/file.h"
#include "web/log_stream.h"
#include "web/server_parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

enum { PEM_BYTES = 1 << 20 };
enum {
	DEFAULT_CONNECTIONS = 4096,
	DEFAULT_RECEIVE_S = 60,
	DEFAULT_SEND_S = 60,
	CONNECTION_MEMORY = 12 << 10,
	SWEEP_MS = 1000
};

/* --- the daemon on the loop --- */

static void on_turn(uv_timer_t *timer);

/* The daemon works until nothing is ready, then says when it wants to be called at the latest. */
static void run(struct server *s)
{
	MHD_UNSIGNED_LONG_LONG wait_ms = 0;
	if (s->daemon == NULL) {
		return;
	}
	mhd()->run(s->daemon);
	if (s->has_room) {
		/* who was kept out waits on the listening socket, which the daemon takes up in its next run */
		s->has_room = false;
		server_wake(s);
	} else if (mhd()->get_timeout(s->daemon, &wait_ms) == MHD_YES) {
		uv_timer_start(&s->turn, on_turn, wait_ms, 0);
	} else {
		uv_timer_stop(&s->turn);
	}
	server_try_finish(s);
}

static void on_turn(uv_timer_t *timer)
{
	run(timer->data);
}

static void on_epoll(uv_poll_t *poll, int status, int events)
{
	run(poll->data);
}

void server_wake(struct server *s)
{
	uv_timer_start(&s->turn, on_turn, 0, 0);
}

static void on_log(void *user, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
static void on_log(void *user, const char *format, va_list arguments)
{
	char text[512];
	vsnprintf(text, sizeof(text), format, arguments);
	text[strcspn(text, "\n")] = '\0';
	log_debug("web", "%s", text);
}

/* --- clients and their time --- */

static void on_connection(void *user, struct MHD_Connection *connection, void **context,
	enum MHD_ConnectionNotificationCode what)
{
	struct server *s = user;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		struct client *c = *context;
		*c->link = c->next;
		if (c->next != NULL) {
			c->next->link = c->link;
		}
		free(c);
		s->has_room = true;
		return;
	}
	const union MHD_ConnectionInfo *info =
		mhd()->get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct client *c = MEM_NEW(struct client);
	*c = (struct client){
		.server = s,
		.fd = info->connect_fd,
		.due = clock_steady_ms() + s->receive_s * INT64_C(1000),
		.next = s->clients,
		.link = &s->clients,
	};
	if (c->next != NULL) {
		c->next->link = &c->next;
	}
	s->clients = c;
	*context = c;
}

void client_sending(struct client *c, uint64_t size)
{
	c->due = clock_steady_ms() + (c->server->send_s + (int64_t)(size >> 16)) * 1000;
}

void client_streaming(struct client *c)
{
	c->due = 0;
}

bool client_has_hung_up(const struct client *c)
{
	char byte;
	ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

static void cancel(struct request *r)
{
	void (*by_handler)(struct request *) = r->cancel;
	r->cancel = NULL;
	by_handler(r);
}

/* The daemon's own timeout only knows of silence: a client that drips a byte now and then is cut
 * here. shutdown(2) lets the daemon see an end, so it closes and frees by its own rules. */
static void on_sweep(uv_timer_t *timer)
{
	struct server *s = timer->data;
	int64_t now = clock_steady_ms();
	for (struct client *c = s->clients; c != NULL; c = c->next) {
		if (c->due != 0 && c->due <= now) {
			c->due = 0;
			shutdown(c->fd, SHUT_RDWR);
		}
	}
	struct request *next;
	for (struct request *r = s->suspended; r != NULL; r = next) {
		next = r->next;
		if (r->cancel != NULL && client_has_hung_up(r->client)) {
			r->gone = true;
			cancel(r);
			request_reply(r);
		}
	}
	log_streams_tick(s);
}

/* --- start --- */

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
		return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
	}
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static int bind_socket(
	int fd, const struct addrinfo *info, const char *address, int port, struct err *e)
{
	int on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
		int code = -errno;
		if (code == -EADDRINUSE) {
			return err_set(e, code,
				"port %d of %s is taken by another program: stop it, or choose another port", port,
				address);
		}
		if (code == -EACCES) {
			return err_set(
				e, code, "port %d of %s: not allowed; ports below 1024 need root", port, address);
		}
		return err_set(e, code, "listen on %s port %d: %s", address, port, strerror(-code));
	}
	return 0;
}

static int local_port(int fd)
{
	struct sockaddr_storage bound;
	socklen_t size = sizeof(bound);
	char service[16];
	uint64_t port = 0;
	if (getsockname(fd, (struct sockaddr *)&bound, &size) == 0 &&
		getnameinfo((struct sockaddr *)&bound, size, NULL, 0, service, sizeof(service),
			NI_NUMERICSERV) == 0) {
		str_to_u64(str_from(service), &port);
	}
	return (int)port;
}

static int open_socket(struct server *s, const char *address, int port, int *out, struct err *e)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	struct addrinfo *info = NULL;
	char service[16];
	int fd = -1;
	int code;
	snprintf(service, sizeof(service), "%d", port);
	if (getaddrinfo(address, service, &hints, &info) != 0) {
		return err_set(e, ERR_INVALID, "listen on '%s': not a numeric address and port", address);
	}
	bool tls = s->certificate.n != 0;
	if (!tls && !is_loopback(info->ai_addr)) {
		code = err_set(e, ERR_DENIED,
			"listen on %s: without TLS only addresses of this machine alone (127.0.0.1, ::1): give "
			"tls.certificate and tls.key, or put a proxy that has it before the farm",
			address);
		goto out;
	}
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		code = err_set(e, -errno, "listen on %s: %s", address, strerror(errno));
		goto out;
	}
	code = bind_socket(fd, info, address, port, e);
	if (code != 0) {
		goto out;
	}
	s->port = local_port(fd);
	s->url = str_format(info->ai_family == AF_INET6 ? "%s://[%s]:%d/" : "%s://%s:%d/",
		tls ? "https" : "http", address, s->port);
	s->site = str_dup(str_slice(str_from(s->url), 0, strlen(s->url) - 1));
	*out = fd;
	fd = -1;
out:
	if (fd >= 0) {
		close(fd);
	}
	freeaddrinfo(info);
	return code;
}

static int read_tls(struct server *s, const struct server_options *o, struct err *e)
{
	if (o->tls_certificate == NULL && o->tls_key == NULL) {
		return 0;
	}
	if (o->tls_certificate == NULL || o->tls_key == NULL) {
		return err_set(e, ERR_USAGE, "TLS needs a certificate and its key");
	}
	int code = file_read(o->tls_certificate, PEM_BYTES, &s->certificate, e);
	code = code == 0 ? file_read(o->tls_key, PEM_BYTES, &s->key, e) : code;
	if (code == 0 && (s->certificate.n == 0 || s->key.n == 0)) {
		code = err_set(e, ERR_INVALID, "%s: an empty file is no certificate or key",
			s->certificate.n == 0 ? o->tls_certificate : o->tls_key);
	}
	return code;
}

/* All that was allocated before there was a daemon. */
static void free_server(struct server *s)
{
	if (s->key.n != 0) {
		OPENSSL_cleanse(s->key.p, s->key.n);
	}
	buf_finish(&s->key);
	buf_finish(&s->certificate);
	for (size_t i = 0; i < SERVER_ADMINS; i++) {
		free(s->admin_hashes[i]);
	}
	free(s->python);
	free(s->url);
	free(s->site);
	free(s);
}

static int start_daemon(struct server *s, int fd, int connections, struct err *e)
{
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, s->certificate.p},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, s->key.p},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
		{MHD_OPTION_END, 0, NULL},
	};
	if (s->certificate.n != 0) {
		flags |= MHD_USE_TLS;
	} else {
		tls[0] = tls[3];
	}
	s->daemon = mhd()->start_daemon(flags, 0, NULL, NULL, request_on_access, s,
		MHD_OPTION_EXTERNAL_LOGGER, on_log, s, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned)connections / 2, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED,
		request_on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (s->daemon == NULL) {
		return err_set(e, ERR_NETWORK,
			s->certificate.n != 0
				? "the HTTPS server did not start: is the key that of the certificate?"
				: "the HTTP server did not start");
	}
	return 0;
}

static void start_handles(struct server *s)
{
	const union MHD_DaemonInfo *info = mhd()->get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	uv_poll_init(s->loop, &s->poll, info->epoll_fd);
	uv_timer_init(s->loop, &s->turn);
	uv_timer_init(s->loop, &s->sweep);
	s->poll.data = s->turn.data = s->sweep.data = s;
	s->open_handles = 3;
	uv_poll_start(&s->poll, UV_READABLE, on_epoll);
	uv_timer_start(&s->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
	server_wake(s);
}

int server_start(
	uv_loop_t *loop, const struct server_options *o, struct server **out, struct err *e)
{
	struct server *s = MEM_NEW(struct server);
	int fd = -1;
	bool has_readers = false;
	*s = (struct server){.loop = loop, .blobs = o->blobs, .queue = o->queue, .writer = o->writer};
	s->jobs.most = uv_available_parallelism() > 1 ? uv_available_parallelism() : 2;
	s->receive_s = o->receive_s > 0 ? o->receive_s : DEFAULT_RECEIVE_S;
	s->send_s = o->send_s > 0 ? o->send_s : DEFAULT_SEND_S;
	*out = NULL;
	for (size_t i = 0; i < SERVER_ADMINS; i++) {
		const char *hash = o->admin_hashes[i];
		s->admin_hashes[i] = hash != NULL ? str_dup(str_from(hash)) : NULL;
	}
	int code = read_tls(s, o, e);
	if (code == 0) {
		code = open_socket(s, o->address != NULL ? o->address : "127.0.0.1", o->port, &fd, e);
	}
	if (code != 0) {
		goto out;
	}
	code = readers_init(&s->readers, o->database, o->python, e);
	if (code != 0) {
		goto out;
	}
	has_readers = true;
	page_cache_init(&s->pages);
	code = start_daemon(s, fd, o->connections > 0 ? o->connections : DEFAULT_CONNECTIONS, e);
	fd = -1; /* the daemon's, and closed by it if it did not start */
	if (code != 0) {
		goto out;
	}
	s->python = o->python != NULL ? str_dup(str_from(o->python)) : NULL;
	if (o->site != NULL) {
		struct str site = str_from(o->site);
		free(s->site);
		s->site = str_dup(str_slice(site, 0, site.n - (str_ends(site, "/") ? 1 : 0)));
	}
	start_handles(s);
	*out = s;
	return 0;
out:
	if (has_readers) {
		readers_finish(&s->readers);
		page_cache_finish(&s->pages);
	}
	if (fd >= 0) {
		close(fd);
	}
	free_server(s);
	return code;
}

int server_port(const struct server *s)
{
	return s->port;
}

const char *server_url(const struct server *s)
{
	return s->url;
}

/* --- stop --- */

static void on_closed(uv_handle_t *handle)
{
	struct server *s = handle->data;
	if (--s->open_handles > 0) {
		return;
	}
	void (*done)(void *) = s->done;
	void *user = s->user;
	readers_finish(&s->readers);
	page_cache_finish(&s->pages);
	free_server(s);
	if (done != NULL) {
		done(user);
	}
}

void server_try_finish(struct server *s)
{
	if (!s->stopping || s->suspended != NULL || s->streams_working != 0 || s->daemon == NULL) {
		return;
	}
	/* Connections that were just woken may still send what they have. */
	struct MHD_Daemon *daemon = s->daemon;
	s->daemon = NULL;
	mhd()->run(daemon);
	uv_close((uv_handle_t *)&s->poll, on_closed);
	uv_close((uv_handle_t *)&s->turn, on_closed);
	uv_close((uv_handle_t *)&s->sweep, on_closed);
	mhd()->stop_daemon(daemon);
}

void server_stop(struct server *s, void (*done)(void *user), void *user)
{
	s->stopping = true;
	s->done = done;
	s->user = user;
	int fd = mhd()->quiesce_daemon(s->daemon);
	if (fd >= 0) {
		close(fd);
	}
	struct request *next;
	for (struct request *r = s->suspended; r != NULL; r = next) {
		next = r->next;
		if (r->cancel != NULL) {
			cancel(r);
			request_error(r, MHD_HTTP_SERVICE_UNAVAILABLE, "The farm is stopping.");
			r->reply.retry_after = 1;
			request_reply(r);
		}
	}
	log_streams_stop(s);
	server_wake(s);
}
