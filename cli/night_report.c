#include "cli/night_report.h"

#include "core/base/vec.h"
#include "core/io/fetch.h"
#include "core/io/file.h"
#include "core/io/sha256.h"
#include "reports/night.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MISSED_MOST = 200,
	TRIES = 3,
	TRY_MS = 20 * 1000,
	REST_S = 2,
	SECRET_BYTES = 4096,
	ANSWER_BYTES = 1 << 16
};

static const char signature_header[] = "Wheelfarm-Signature: sha256=";

void night_report_finish(struct night_report *r)
{
	buf_finish(&r->line);
}

static void say(struct night_report *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void say(struct night_report *r, const char *format, ...)
{
	va_list arguments;
	buf_add_text(&r->line, "; ");
	va_start(arguments, format);
	buf_vprintf(&r->line, format, arguments);
	va_end(arguments);
}

/* --- mail --- */

/* A file in memory with the whole message, read from its begin. */
static int message_file(struct str message)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);
	if (fd >= 0 && (file_write_all(fd, message) != 0 || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* sendmail(8) reads the recipients from the headers (-t) and takes a lone dot as text (-oi). */
static int run_sendmail(const char *program, int message)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(message, STDIN_FILENO);
		execl(program, program, "-t", "-oi", (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void send_mail(struct night_report *r, const struct night_view *v)
{
	const struct config_night *c = &r->config->night;
	struct buf message = {0};
	buf_add_text(&message, "To: ");
	for (size_t i = 0; i < c->mail.n; i++) {
		buf_printf(&message, "%s%s", i != 0 ? ", " : "", c->mail.v[i]);
	}
	buf_add_text(&message, "\nSubject: wheelfarm: ");
	report_night_summary(v, &message);
	buf_add_text(&message,
		"\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n");
	report_night_text(v, &message);
	int fd = message_file(buf_view(&message));
	int exit = fd >= 0 ? run_sendmail(c->sendmail, fd) : -1;
	if (exit == 0) {
		say(r, "mailed");
	} else {
		say(r, "the mail was not sent: %s ended with %d", c->sendmail, exit);
	}
	if (fd >= 0) {
		close(fd);
	}
	buf_finish(&message);
}

/* --- webhook --- */

struct post {
	int code;
	long status;
	struct err err;
};

static void on_posted(
	void *user, int code, const struct fetch_response *r, struct str body, const struct err *e)
{
	struct post *p = user;
	p->code = code;
	if (code != 0) {
		err_set(&p->err, code, "%s", e != NULL ? e->text : err_text(code));
	} else {
		p->status = r->status;
	}
}

static void post_once(
	const struct config *c, const char *const *headers, struct str body, struct post *p)
{
	uv_loop_t loop;
	uv_loop_init(&loop);
	struct fetch *fetch =
		fetch_create(&loop, &(struct fetch_options){.user_agent = "wheelfarm/" WHEELFARM_VERSION});
	fetch_start(fetch,
		&(struct fetch_request){
			.method = "POST",
			.url = c->night.webhook,
			.headers = headers,
			.body = body,
			.limit = ANSWER_BYTES,
			.timeout_ms = TRY_MS,
			.no_redirects = true, /* a secret's signature goes where it was sent to */
			.on_end = on_posted,
			.user = p,
		});
	uv_run(&loop, UV_RUN_DEFAULT);
	fetch_destroy(fetch);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
}

/* HMAC-SHA256 (RFC 2104) of the body, by the secret of both ends. */
static int sign(
	const char *secret_file, struct str body, char out[static SHA256_HEX], struct err *e)
{
	struct buf secret = {0};
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int code = file_read(secret_file, SECRET_BYTES, &secret, e);
	struct str key = str_trim(buf_view(&secret));
	if (code == 0 && key.n == 0) {
		code = err_set(e, ERR_INVALID, "%s: no secret in it", secret_file);
	}
	if (code == 0) {
		HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)body.p, body.n, mac, &n);
		sha256_hex(mac, out);
	}
	buf_finish(&secret);
	return code;
}

static void send_webhook(struct night_report *r, const struct night_view *v)
{
	const struct config *c = r->config;
	struct buf body = {0};
	struct json_writer w;
	struct err e = {0};
	char mac[SHA256_HEX];
	char *signature = NULL;
	json_writer_init(&w, &body, false);
	report_night_json(v, &w);
	json_writer_finish(&w);
	if (sign(c->night.webhook_secret, buf_view(&body), mac, &e) != 0) {
		say(r, "the webhook was not called: %s", e.text);
		goto out;
	}
	signature = str_format("%s%s", signature_header, mac);
	const char *headers[] = {"Content-Type: application/json", signature, NULL};
	struct post p = {0};
	for (int i = 0; i < TRIES; i++) {
		if (i != 0) {
			sleep(REST_S << i);
		}
		p = (struct post){0};
		post_once(c, headers, buf_view(&body), &p);
		if (p.code == 0 && p.status < 500 && p.status != 429) {
			break;
		}
	}
	if (p.code == 0 && p.status / 100 == 2) {
		say(r, "the webhook took it");
	} else if (p.code == 0) {
		say(r, "the webhook refused it: HTTP status %ld", p.status);
	} else {
		say(r, "the webhook was not reached: %s", p.err.text);
	}
out:
	free(signature);
	buf_finish(&body);
}

/* --- the night --- */

/* The changes since the night before this one that have a kind and were not told yet. */
static int read_night(struct night_report *r, struct store *s, struct arena *arena,
	struct night_view *v, struct err *e)
{
	struct store_night *nights = NULL;
	struct store_change *changes = NULL;
	size_t night_count = 0;
	size_t count = 0;
	size_t kept = 0;
	int code = store_night_list(s, 2, arena, &nights, &night_count, e);
	if (code == 0 && night_count == 0) {
		code = err_set(e, ERR_NOT_FOUND, "no night is in the database");
	}
	if (code != 0) {
		return code;
	}
	v->night = nights[0];
	const struct store_change_query query = {.since = night_count > 1 ? nights[1].id : 0};
	code = store_change_list(s, &query, arena, &changes, &count, e);
	for (size_t i = 0; i < count; i++) {
		if (changes[i].at > r->after && changes[i].kind != CHANGE_NONE) {
			changes[kept++] = changes[i];
		}
	}
	v->changes = changes;
	v->change_count = kept;
	return code == 0 ? store_night_missed(s, MISSED_MOST, arena, &v->missed, &v->missed_count, e)
					 : code;
}

void night_report_send(struct night_report *r)
{
	const struct config_night *c = &r->config->night;
	struct err e = {0};
	struct arena arena = {0};
	struct store *s = NULL;
	struct night_view v = {.not_reached = r->not_reached, .url = r->config->public_url};
	int code = store_open(r->config->database, STORE_READ, &s, &e);
	if (code == 0) {
		code = read_night(r, s, &arena, &v, &e);
	}
	if (code != 0) {
		buf_printf(&r->line, "the night's report: %s", e.text);
		goto out;
	}
	buf_printf(&r->line, "night %lld: ", (long long)v.night.id);
	report_night_summary(&v, &r->line);
	if (v.not_reached != 0) {
		say(r, "%lld builds still wait", (long long)v.not_reached);
	}
	if (c->mail.n != 0 && v.change_count != 0) {
		send_mail(r, &v);
	}
	if (c->webhook != NULL) {
		send_webhook(r, &v);
	}
out:
	store_close(s);
	arena_finish(&arena);
}
