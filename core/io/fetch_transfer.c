#include "core/io/fetch_parts.h"

#include "core/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LIMIT = 64 << 20,
	TIMEOUT_MS = 120 * 1000,
	STALL_S = 60,
	CONNECT_MS = 30 * 1000,
	REDIRECTS = 5,
	HEADER_BYTES = 256 * 1024,
};

/* The URL without user and password; with `brief` without the query too, as that may be a signed
 * one. The caller frees. */
static char *without_secrets(const char *url, bool brief)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/.-_";
	size_t n = strspn(url, plain);
	if (n != 0 && url[n] == '\0') {
		return str_dup((struct str){url, n}); /* most are, and parsing is slow */
	}
	CURLU *u = curl()->url();
	char *text = NULL;
	char *out = NULL;
	if (u != NULL &&
		curl()->url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
		curl()->url_set(u, CURLUPART_USER, NULL, 0);
		curl()->url_set(u, CURLUPART_PASSWORD, NULL, 0);
		if (brief) {
			curl()->url_set(u, CURLUPART_QUERY, NULL, 0);
			curl()->url_set(u, CURLUPART_FRAGMENT, NULL, 0);
		}
		if (curl()->url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK) {
			out = str_dup(str_from(text));
		}
	}
	curl()->free(text);
	curl()->url_cleanup(u);
	return out != NULL ? out : str_dup(STR("(not a URL)"));
}

static int stop(struct fetch_transfer *t, int code)
{
	t->code = code;
	if (t->err.text[0] == '\0') {
		err_set(&t->err, code, "%s %s: %s", t->method, t->shown, err_text(code));
	}
	return code;
}

/* Headers that the library does not tell, in the order of enum fetch_header. */
#define NAME(text)               \
	{                            \
		(text), sizeof(text) - 1 \
	}
static const struct str header_names[] = {NAME("etag"), NAME("x-pypi-last-serial"),
	NAME("content-range"), NAME("content-encoding"), NAME("retry-after")};
#undef NAME

static const char *kept(const struct fetch_transfer *t, enum fetch_header h)
{
	return t->headers_kept[h] != NULL ? t->headers_kept[h] : "";
}

static void forget_headers(struct fetch_transfer *t)
{
	for (size_t i = 0; i < FETCH_HEADERS; i++) {
		free(t->headers_kept[i]);
		t->headers_kept[i] = NULL;
	}
}

static void fill_response(struct fetch_transfer *t)
{
	const char *type = NULL;
	const char *url = NULL;
	curl_off_t received = 0;
	curl_off_t wait = 0;
	long version = 0;
	struct fetch_response *r = &t->response;
	curl()->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &r->status);
	curl()->easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	curl()->easy_getinfo(t->easy, CURLINFO_EFFECTIVE_URL, &url);
	curl()->easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
	curl()->easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &wait);
	curl()->easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version);
	free(t->effective_url);
	free(t->content_type);
	t->effective_url = without_secrets(url != NULL ? url : t->url, false);
	t->content_type = str_dup(str_from(type));
	r->effective_url = t->effective_url;
	r->content_type = t->content_type;
	r->content_encoding = kept(t, FETCH_CONTENT_ENCODING);
	r->etag = kept(t, FETCH_ETAG);
	r->serial = kept(t, FETCH_SERIAL);
	r->content_range = kept(t, FETCH_CONTENT_RANGE);
	/* A date that is over means now. */
	r->retry_after_s = kept(t, FETCH_RETRY_AFTER)[0] == '\0' ? -1 : wait > 0 ? (int64_t)wait : 0;
	r->received = (uint64_t)received;
	r->multiplexed = version >= CURL_HTTP_VERSION_2_0;
}

/* The name of a header's line; empty if it is none. *value gets what stands behind the colon. */
static struct str header_of(struct str line, struct str *value)
{
	ptrdiff_t colon = str_find(line, ':');
	if (colon < 0) {
		return (struct str){0};
	}
	*value = str_slice(line, (size_t)colon + 1, line.n);
	return str_slice(line, 0, (size_t)colon);
}

static size_t on_header(char *p, size_t size, size_t count, void *user)
{
	struct fetch_transfer *t = user;
	struct str line = {.p = p, .n = size * count};
	struct str value;
	t->header_bytes += line.n;
	if (t->header_bytes > HEADER_BYTES) {
		err_set(&t->err, ERR_TOO_LARGE, "%s %s: more than %d bytes of headers", t->method, t->shown,
			HEADER_BYTES);
		stop(t, ERR_TOO_LARGE);
		return 0;
	}
	if (str_starts(line, "HTTP/")) { /* the next response of a chain of redirects */
		forget_headers(t);
	}
	struct str name = header_of(line, &value);
	for (size_t i = 0; i < FETCH_HEADERS; i++) {
		if (str_equal_nocase(name, header_names[i])) {
			free(t->headers_kept[i]);
			t->headers_kept[i] = str_dup(str_trim(value));
		}
	}
	return line.n;
}

static size_t on_write(char *p, size_t size, size_t count, void *user)
{
	struct fetch_transfer *t = user;
	struct str piece = {.p = p, .n = size * count};
	if (t->cancelled) {
		return 0;
	}
	if (piece.n > t->limit - t->body_bytes) {
		err_set(&t->err, ERR_TOO_LARGE, "%s %s: more than %" PRIu64 " bytes", t->method, t->shown,
			t->limit);
		stop(t, ERR_TOO_LARGE);
		return 0;
	}
	if (t->on_body == NULL) {
		buf_add_str(&t->body, piece);
	} else {
		if (t->body_bytes == 0) {
			fill_response(t);
		}
		int code = t->on_body(t->user, &t->response, piece, &t->err);
		if (code < 0) {
			stop(t, code);
			return 0;
		}
	}
	t->body_bytes += piece.n;
	return t->cancelled ? 0 : piece.n;
}

static size_t on_read(char *p, size_t size, size_t count, void *user)
{
	struct fetch_transfer *t = user;
	ssize_t n;
	do {
		n = read(t->body_fd, p, size * count);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		stop(t, -errno);
		return CURL_READFUNC_ABORT;
	}
	return (size_t)n;
}

static int on_seek(void *user, curl_off_t offset, int origin)
{
	struct fetch_transfer *t = user;
	off_t at = (off_t)t->body_offset + (off_t)offset;
	return origin == SEEK_SET && lseek(t->body_fd, at, SEEK_SET) == at ? CURL_SEEKFUNC_OK
																	   : CURL_SEEKFUNC_FAIL;
}

static void set_body_file(struct fetch_transfer *t, const struct fetch_request *request)
{
	struct stat st;
	t->body_fd = open(request->body_file, O_RDONLY | O_CLOEXEC);
	if (t->body_fd < 0 || fstat(t->body_fd, &st) != 0 ||
		lseek(t->body_fd, (off_t)request->body_offset, SEEK_SET) < 0) {
		t->code = err_set(
			&t->err, -errno, "%s: cannot be read: %s", request->body_file, err_text(-errno));
		return;
	}
	if ((uint64_t)st.st_size < request->body_offset) {
		t->code = err_set(&t->err, ERR_INVALID, "%s: shorter than %" PRIu64 " bytes",
			request->body_file, request->body_offset);
		return;
	}
	t->body_offset = request->body_offset;
	curl_off_t size = (curl_off_t)((uint64_t)st.st_size - request->body_offset);
	curl()->easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
	curl()->easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE, size);
	curl()->easy_setopt(t->easy, CURLOPT_READFUNCTION, on_read);
	curl()->easy_setopt(t->easy, CURLOPT_READDATA, t);
	curl()->easy_setopt(t->easy, CURLOPT_SEEKFUNCTION, on_seek);
	curl()->easy_setopt(t->easy, CURLOPT_SEEKDATA, t);
	curl()->easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, t->method);
}

static void set_method(struct fetch_transfer *t, const struct fetch_request *request)
{
	CURL *c = t->easy;
	if (strcmp(t->method, "HEAD") == 0) {
		curl()->easy_setopt(c, CURLOPT_NOBODY, 1L);
		return;
	}
	curl_off_t largest = t->limit < INT64_MAX ? (curl_off_t)t->limit : INT64_MAX;
	curl()->easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, largest);
	if (request->body_file != NULL) {
		set_body_file(t, request);
	} else if (request->body.n != 0 || strcmp(t->method, "POST") == 0 ||
		strcmp(t->method, "PUT") == 0) {
		buf_add_str(&t->request_body, request->body);
		curl()->easy_setopt(c, CURLOPT_POST, 1L);
		curl()->easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->request_body.n);
		curl()->easy_setopt(c, CURLOPT_POSTFIELDS, t->request_body.p);
		if (strcmp(t->method, "POST") != 0) {
			curl()->easy_setopt(c, CURLOPT_CUSTOMREQUEST, t->method);
		}
	} else if (strcmp(t->method, "GET") != 0) {
		curl()->easy_setopt(c, CURLOPT_CUSTOMREQUEST, t->method);
	}
}

static void add_header(struct fetch_transfer *t, const char *line)
{
	struct curl_slist *longer = curl()->slist_append(t->headers, line);
	if (longer == NULL) {
		mem_bug("no memory for a header");
	}
	t->headers = longer;
}

static void set_headers(struct fetch_transfer *t, const struct fetch_request *request)
{
	/* A part of a file, or a file whose hash counts, must come as it lies on the server: who sets
	 * one of these headers gets the bytes undecoded. */
	bool as_is = false;
	for (const char *const *h = request->headers; h != NULL && *h != NULL; h++) {
		struct str value;
		struct str name = header_of(str_from(*h), &value);
		as_is = as_is || str_equal_nocase(name, STR("range")) ||
			str_equal_nocase(name, STR("accept-encoding"));
		add_header(t, *h);
	}
	add_header(t, "Expect:"); /* no extra round trip before each upload */
	curl()->easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	if (!as_is) {
		curl()->easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	}
}

static void set_safety(struct fetch_transfer *t)
{
	CURL *c = t->easy;
	bool https = strncasecmp(t->url, "https:", 6) == 0;
	curl()->easy_setopt(c, CURLOPT_PROTOCOLS_STR, t->allow_file ? "http,https,file" : "http,https");
	curl()->easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, https ? "https" : "http,https");
	curl()->easy_setopt(c, CURLOPT_FOLLOWLOCATION, t->no_redirects ? 0L : 1L);
	curl()->easy_setopt(c, CURLOPT_MAXREDIRS, (long)REDIRECTS);
	curl()->easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl()->easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
	if (t->stall_s != 0) {
		curl()->easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)t->slowest);
		curl()->easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)t->stall_s);
	}
	curl()->easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(t->timeout_ms < t->connect_ms ? t->timeout_ms : t->connect_ms));
	curl()->easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	/* Only where HTTP/2 may come of it: wait for the first connection instead of opening eight. */
	curl()->easy_setopt(c, CURLOPT_PIPEWAIT, https ? 1L : 0L);
}

static CURL *take_handle(struct fetch_settings *s)
{
	CURL *easy = s->spare_count != 0 ? s->spares[--s->spare_count] : curl()->easy_init();
	if (easy == NULL) {
		mem_bug("no memory for a curl handle");
	}
	return easy;
}

/* Whatever was set of it is forgotten. */
static void give_handle(struct fetch_settings *s, CURL *easy)
{
	if (s->spare_count == FETCH_SPARES) {
		curl()->easy_cleanup(easy);
		return;
	}
	curl()->easy_reset(easy);
	s->spares[s->spare_count++] = easy;
}

void fetch_settings_finish(struct fetch_settings *settings)
{
	for (size_t i = 0; i < settings->spare_count; i++) {
		curl()->easy_cleanup(settings->spares[i]);
	}
	free(settings->user_agent);
	free(settings->ca_file);
	free(settings->proxy);
	*settings = (struct fetch_settings){0};
}

struct fetch_transfer *fetch_transfer_create(
	const struct fetch_request *request, struct fetch_settings *settings)
{
	struct fetch_transfer *t = MEM_NEW(struct fetch_transfer);
	t->settings = settings;
	t->method = str_dup(request->method != NULL ? str_from(request->method) : STR("GET"));
	t->url = str_dup(str_from(request->url));
	t->shown = without_secrets(t->url, true);
	t->body_fd = -1;
	t->allow_file = request->allow_file;
	t->no_redirects = request->no_redirects;
	t->limit = request->limit != 0 ? request->limit : LIMIT;
	t->timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : TIMEOUT_MS;
	t->stall_s = request->stall_s > 0 ? request->stall_s : t->timeout_ms > TIMEOUT_MS ? STALL_S : 0;
	t->slowest = request->slowest > 0 ? request->slowest : 1;
	t->connect_ms = request->connect_ms > 0 ? request->connect_ms : CONNECT_MS;
	t->on_body = request->on_body;
	t->on_end = request->on_end;
	t->user = request->user;
	t->easy = take_handle(settings);
	CURL *c = t->easy;
	curl()->easy_setopt(c, CURLOPT_PRIVATE, t);
	curl()->easy_setopt(c, CURLOPT_URL, t->url);
	curl()->easy_setopt(c, CURLOPT_ERRORBUFFER, t->curl_text);
	curl()->easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl()->easy_setopt(c, CURLOPT_HEADERDATA, t);
	curl()->easy_setopt(c, CURLOPT_WRITEFUNCTION, on_write);
	curl()->easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl()->easy_setopt(c, CURLOPT_USERAGENT, settings->user_agent);
	if (settings->ca_file != NULL) {
		curl()->easy_setopt(c, CURLOPT_CAINFO, settings->ca_file);
	}
	if (settings->proxy != NULL) {
		curl()->easy_setopt(c, CURLOPT_PROXY, settings->proxy);
	}
	set_safety(t);
	set_method(t, request);
	set_headers(t, request);
	return t;
}

void fetch_transfer_destroy(struct fetch_transfer *t)
{
	if (t == NULL) {
		return;
	}
	give_handle(t->settings, t->easy);
	curl()->slist_free_all(t->headers);
	if (t->body_fd >= 0) {
		close(t->body_fd);
	}
	buf_finish(&t->request_body);
	buf_finish(&t->body);
	free(t->method);
	free(t->url);
	free(t->shown);
	free(t->effective_url);
	free(t->content_type);
	forget_headers(t);
	free(t);
}

static int code_of(CURLcode status)
{
	switch (status) {
	case CURLE_OK:
		return 0;
	case CURLE_OPERATION_TIMEDOUT:
		return ERR_TIMEOUT;
	case CURLE_UNSUPPORTED_PROTOCOL:
		return ERR_DENIED;
	case CURLE_URL_MALFORMAT:
		return ERR_INVALID;
	case CURLE_FILESIZE_EXCEEDED:
		return ERR_TOO_LARGE;
	case CURLE_FILE_COULDNT_READ_FILE:
		return ERR_NOT_FOUND;
	case CURLE_TOO_MANY_REDIRECTS:
		return ERR_HTTP;
	default:
		return ERR_NETWORK;
	}
}

void fetch_transfer_end(struct fetch_transfer *t, CURLcode status)
{
	int code = t->code;
	if (t->cancelled) {
		code = err_set(&t->err, ERR_CANCELLED, "%s %s: cancelled", t->method, t->shown);
	} else if (code == 0 && status != CURLE_OK) {
		const char *why = t->curl_text[0] != '\0' ? t->curl_text : curl()->easy_strerror(status);
		code = err_set(&t->err, code_of(status), "%s %s: %s", t->method, t->shown, why);
	}
	fill_response(t);
	struct str body = code == 0 ? buf_view(&t->body) : (struct str){0};
	t->on_end(t->user, code, &t->response, body, &t->err);
}
