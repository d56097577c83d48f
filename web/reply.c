#include "web/reply.h"

#include "core/base/mem.h"
#include "core/io/sha256.h"
#include "web/log_stream.h"

#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { PACK_FROM = 1024, PACK_MOST = 1 << 30, PACK_LEVEL = 1, ETAG_HEX = 24 };

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
		if (str_is(part, "*") || str_is(part, etag) ||
			(str_starts(part, "W/") && str_is(str_slice(part, 2, part.n), etag))) {
			return true;
		}
	}
	return false;
}

struct packer {
	struct isal_zstream stream;
	uint8_t level[ISAL_DEF_LVL1_DEFAULT];
};

/* By ISA-L, whose first level is as small as zlib's or libdeflate's and takes a package page 16 us, a
 * table of 135 KB 42, where libdeflate's first takes 28 and 168. */
static void pack(struct reply *r)
{
	struct packer *z = mem_resize(NULL, 1, sizeof(*z)); /* not zeroed: it is large */
	struct buf packed = {0};
	buf_reserve(&packed, r->body.n);
	isal_deflate_stateless_init(&z->stream); /* all but the next */
	z->stream.hist_bits = 0; /* looks back as far as the format lets it */
	z->stream.level = PACK_LEVEL;
	z->stream.level_buf = z->level;
	z->stream.level_buf_size = sizeof(z->level);
	z->stream.gzip_flag = IGZIP_GZIP;
	z->stream.end_of_stream = 1;
	z->stream.next_in = (uint8_t *)r->body.p;
	z->stream.avail_in = (uint32_t)r->body.n;
	z->stream.next_out = (uint8_t *)packed.p;
	z->stream.avail_out = (uint32_t)r->body.n; /* what would not become smaller stays */
	if (isal_deflate_stateless(&z->stream) == COMP_OK) {
		packed.n = z->stream.total_out;
		buf_finish(&r->body);
		r->body = packed;
		r->gzip = true;
	} else {
		buf_finish(&packed);
	}
	free(z);
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
	if (accepts_gzip && r->body.n >= PACK_FROM && r->body.n <= PACK_MOST) {
		pack(r);
	}
	/* Of the bytes as sent, which are a tenth of the page where it is packed. */
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];
	sha256_of(buf_view(&r->body), digest);
	sha256_hex(digest, hex);
	snprintf(r->etag, sizeof(r->etag), "\"%.*s\"", ETAG_HEX, hex);
	(void)reply_not_modified(r, if_none_match);
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
