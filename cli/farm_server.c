#include "cli/farm_server.h"

#include "cli/admin_link.h"
#include "core/base/log.h"
#include "core/io/sha256.h"

#include <stdlib.h>

static int split_listen(const struct config *c, char **host, int *port, struct err *e)
{
	struct str listen = str_from(c->listen);
	ptrdiff_t colon = str_find_last(listen, ':');
	uint64_t number = 0;
	if (colon < 0 || !str_to_u64(str_slice(listen, (size_t)colon + 1, listen.n), &number) ||
		number > 65535) {
		return err_set(e, ERR_USAGE, "%s: listen: not ADDRESS:PORT", c->file);
	}
	*host = str_dup(str_slice(listen, 0, (size_t)colon));
	*port = (int)number;
	return 0;
}

/* Without a public address agents of this machine use what it listens on; 0.0.0.0 is no address to
 * connect to, so there a port alone does not do. */
static char *address_of(const struct config *c, const struct server *s)
{
	struct str url = str_from(c->public_url != NULL ? c->public_url : server_url(s));
	return str_dup(str_slice(url, 0, url.n - str_ends(url, "/")));
}

static int make_token(char token[static STORE_TOKEN], char hash[static SHA256_HEX], struct err *e)
{
	unsigned char digest[SHA256_BYTES];
	int code = store_token_make(token, e);
	if (code == 0) {
		sha256_of(str_from(token), digest);
		sha256_hex(digest, hash);
	}
	return code;
}

int farm_server_start(uv_loop_t *loop, struct farm_inputs *in, struct queue *queue,
	struct farm_server *out, struct err *e)
{
	const struct config *c = &in->config;
	char *host = NULL;
	int port = 0;
	char token[STORE_TOKEN];
	char hash[SHA256_HEX];
	*out = (struct farm_server){.state = c->state};
	int code = split_listen(c, &host, &port, e);
	if (code != 0 || (code = make_token(token, hash, e)) != 0) {
		goto out;
	}
	const struct server_options options = {
		.address = host,
		.port = port,
		.database = c->database,
		.blobs = &in->blobs,
		.queue = queue,
		.writer = in->writer,
		.admin_hashes = {c->admin_token_sha256, hash},
		.tls_certificate = c->tls.certificate,
		.tls_key = c->tls.key,
		.python = c->python,
		.site = c->public_url,
	};
	code = server_start(loop, &options, &out->server, e);
	if (code != 0) {
		goto out;
	}
	out->address = address_of(c, out->server);
	struct err problem = {0};
	if (admin_link_open(c->state, out->address, token, c->tls.ca, &problem) != 0) {
		log_warn("serve", "%s: commands cannot reach this farm", problem.text);
	}
out:
	free(host);
	return code;
}

void farm_server_stop(struct farm_server *s, void (*done)(void *user), void *user)
{
	admin_link_close(s->state);
	free(s->address);
	s->address = NULL;
	server_stop(s->server, done, user);
}
