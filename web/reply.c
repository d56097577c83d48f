#include "web/reply.h"

#include "core/base/mem.h"
#include "core/io/sha256.h"
#include "web/log_stream.h"

#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { PACK_FROM = 1024, PACK_LEVEL = 1, ETAG_HEX = 24 };

/* No page needs anything but its own style sheet, script, icon and addresses. */
static const char content_policy[] =
	"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
	"font-src 'self'; "
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

void reply_init(struct reply *r)
{
	*r = (struct reply){.status = MHD_HTTP_OK, .file = -1};
}

void reply_finish(struct reply *r)
{
	buf_finish(&r->body);
	log_stream_close(r->stream);
	r->stream = NULL;
	if (r->file >= 0) {
		close(r->file);
		r->file = -1;
	}
}

void reply_clear(struct reply *r)
{
	reply_finish(r);
	reply_init(r);
}

/* "gzip" or "*" among the comma-separated codings, not with q=0. */
bool reply_accepts_gzip(const char *accept_encoding)
{
	struct str rest = str_from(accept_encoding);
	struct str part;
	while (str_split(&rest, ',', &part)) {
		struct str parameters = part;
		struct str coding;
		if (!str_split(&parameters, ';', &coding)) {
			continue;
		}
		coding = str_trim(coding);
		if (!str_equal_nocase(coding, STR("gzip")) && !str_is(coding, "*")) {
			continue;
		}
		struct str weight = str_trim(parameters);
		bool zero = str_starts(weight, "q=0") && strspn(weight.p + 3, ".0") >= weight.n - 3 &&
			weight.n >= 3;
		return !zero;
	}
	return false;
}

/* RFC 9110, 13.1.2: a list of entity tags, compared weakly, or "*". */
static bool tag_matches(const char *if_none_match, const char *etag)
{
	struct str rest = str_from(if_none_match);
	struct str part;
	while (str_split(&rest, ',', &part)) {
		part = str_trim(part);
		if (str_is(part, "*") || str_is(part, etag)) {
			return true;
		}
		if (!str_starts(part, "W/") && str_is(part, etag + 2)) {
			return true;
		}
	}
	return false;
}

/* At a level that costs a millisecond where the best would cost five. */
static void pack(struct reply *r)
{
	struct libdeflate_compressor *z = libdeflate_alloc_compressor(PACK_LEVEL);
	if (z == NULL) {
		mem_bug("web: libdeflate has no memory");
	}
	struct buf packed = {0};
	size_t bound = libdeflate_gzip_compress_bound(z, r->body.n);
	buf_reserve(&packed, bound);
	packed.n = libdeflate_gzip_compress(z, r->body.p, r->body.n, packed.p, bound);
	libdeflate_free_compressor(z);
	if (packed.n != 0) {
		buf_finish(&r->body);
		r->body = packed;
		r->gzip = true;
	} else {
		buf_finish(&packed);
	}
}

bool reply_not_modified(struct reply *r, const char *if_none_match)
{
	if (!tag_matches(if_none_match, r->etag)) {
		return false;
	}
	r->status = MHD_HTTP_NOT_MODIFIED;
	r->type = NULL;
	r->gzip = false;
	buf_finish(&r->body);
	return true;
}

void reply_pack(struct reply *r, const char *if_none_match, bool accepts_gzip)
{
	if (r->status != MHD_HTTP_OK || r->type == NULL || r->file >= 0 || r->cache == REPLY_NEVER) {
		return;
	}
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	sha256_of(buf_view(&r->body), digest);
	sha256_hex(digest, hex);
	/* Weak: packed and plain are the same page. */
	snprintf(r->etag, sizeof(r->etag), "W/\"%.*s\"", ETAG_HEX, hex);
	if (!reply_not_modified(r, if_none_match) && accepts_gzip && r->body.n >= PACK_FROM) {
		pack(r);
	}
}

static struct MHD_Response *response_of(
	struct reply *r, struct client *client, struct MHD_Connection *connection)
{
	if (r->stream != NULL) {
		struct log_stream *stream = r->stream;
		r->stream = NULL;
		return log_stream_response(stream, client, connection);
	}
	if (r->file >= 0) {
		struct MHD_Response *response = mhd()->create_response_from_fd64(r->file_size, r->file);
		r->file = -1;
		return response;
	}
	if (r->fixed != NULL) {
		return mhd()->create_response_from_buffer(
			r->fixed_size, (void *)(uintptr_t)r->fixed, MHD_RESPMEM_PERSISTENT);
	}
	size_t n = r->body.n;
	if (n == 0) {
		return mhd()->create_response_from_buffer(
			0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
	}
	return mhd()->create_response_from_buffer_with_free_callback(n, buf_take(&r->body), free);
}

static void add(struct MHD_Response *response, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0') {
		mhd()->add_response_header(response, name, value);
	}
}

enum MHD_Result reply_send(
	struct reply *r, struct client *client, struct MHD_Connection *connection)
{
	static const char *const caching[] = {
		[REPLY_REVALIDATE] = "no-cache",
		[REPLY_NEVER] = "no-store",
		[REPLY_FOREVER] = "public, max-age=31536000, immutable",
	};
	struct MHD_Response *response = response_of(r, client, connection);
	if (response == NULL) {
		return MHD_NO;
	}
	add(response, MHD_HTTP_HEADER_CONTENT_TYPE, r->type);
	add(response, MHD_HTTP_HEADER_CACHE_CONTROL, caching[r->cache]);
	add(response, MHD_HTTP_HEADER_ETAG, r->etag);
	add(response, MHD_HTTP_HEADER_LOCATION, r->location);
	add(response, MHD_HTTP_HEADER_ALLOW, r->allow);
	add(response, "Content-Security-Policy", content_policy);
	add(response, "X-Content-Type-Options", "nosniff");
	add(response, "Referrer-Policy", "no-referrer");
	if (r->cache != REPLY_NEVER) {
		add(response, MHD_HTTP_HEADER_VARY, MHD_HTTP_HEADER_ACCEPT_ENCODING);
	}
	if (r->gzip) {
		add(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	}
	if (r->status == MHD_HTTP_UNAUTHORIZED) {
		add(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer realm=\"wheelfarm\"");
	}
	if (r->retry_after != 0) {
		char seconds[16];
		snprintf(seconds, sizeof(seconds), "%d", r->retry_after);
		add(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	}
	enum MHD_Result sent = mhd()->queue_response(connection, (unsigned)r->status, response);
	mhd()->destroy_response(response);
	return sent;
}
