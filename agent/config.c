#include "agent/config.h"

#include "agent/host.h"
#include "agent/written.h"
#include "core/farm_protocol/message.h"
#include "core/io/json_tree.h"

#include <string.h>
#include <uv.h>

enum {
	CONFIG_BYTES = 1 << 20,
	TOKEN_BYTES = 4096,
	UID_BASE_DEFAULT = 60001,
	MIN_FREE_MB_DEFAULT = 1024,
};

static const struct json_field config_fields[] = {
	JSON_FIELD(struct agent_config, coordinator, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct agent_config, token_file, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct agent_config, name, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct agent_config, slots, JSON_FIELD_INT, false),
	JSON_FIELD(struct agent_config, workspace, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct agent_config, cache, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct agent_config, ca_file, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct agent_config, blobs, JSON_FIELD_TEXT, false),
	JSON_FIELD(struct agent_config, uid_base, JSON_FIELD_INT, false),
	JSON_FIELD(struct agent_config, min_free_mb, JSON_FIELD_INT, false),
	JSON_FIELD(struct agent_config, drain, JSON_FIELD_BOOL, false),
	JSON_FIELD(struct agent_config, die_with_parent, JSON_FIELD_BOOL, false),
	{.name = NULL},
};

static int read_token(struct agent_config *c, const char *path, struct err *e)
{
	struct buf bytes = {0};
	int code = written_read(c->token_file, TOKEN_BYTES, &bytes, e);
	if (code == 0) {
		struct str token = str_trim(buf_view(&bytes));
		bool clean = token.n != 0;
		for (size_t i = 0; i < token.n; i++) {
			/* it goes into a header line as it is */
			clean = clean && token.p[i] > ' ' && token.p[i] < 0x7f;
		}
		if (clean) {
			c->token = arena_copy(&c->arena, token.p, token.n);
		} else {
			code =
				err_set(e, ERR_INVALID, "%s: no token in it (one word is expected)", c->token_file);
		}
	} else {
		code = err_prefix(e, code, "%s: token_file", path);
	}
	buf_finish(&bytes);
	return code;
}

static int check(struct agent_config *c, const char *path, bool needs_coordinator, struct err *e)
{
	if (c->slots < 1 || c->slots > PROTOCOL_SLOTS) {
		return err_set(e, ERR_INVALID, "%s: slots: must be 1 to %d", path, PROTOCOL_SLOTS);
	}
	if (c->uid_base != 0 && (c->uid_base < 1000 || c->uid_base > INT32_MAX - PROTOCOL_SLOTS)) {
		return err_set(
			e, ERR_INVALID, "%s: uid_base: must be 1000 or more (0: no uid of its own)", path);
	}
	if (c->min_free_mb < 0) {
		return err_set(e, ERR_INVALID, "%s: min_free_mb: must not be negative", path);
	}
	c->cache = c->cache != NULL ? host_path(&c->arena, c->cache) : NULL;
	c->workspace = c->workspace != NULL ? host_path(&c->arena, c->workspace) : NULL;
	if (c->cache == NULL) {
		return err_set(e, ERR_INVALID, "%s: cache: an absolute path is needed", path);
	}
	if (c->workspace == NULL) {
		return err_set(e, ERR_INVALID, "%s: workspace: an absolute path is needed", path);
	}
	if (!needs_coordinator) {
		return 0;
	}
	struct str url = str_from(c->coordinator);
	if (!str_starts(url, "http://") && !str_starts(url, "https://")) {
		return err_set(
			e, ERR_INVALID, "%s: coordinator: an http:// or https:// address is needed", path);
	}
	if (str_ends(url, "/")) {
		c->coordinator = arena_copy(&c->arena, url.p, url.n - 1);
	}
	if (c->token_file == NULL) {
		return err_set(e, ERR_INVALID, "%s: token_file: missing", path);
	}
	return read_token(c, path, e);
}

int agent_config_read(
	const char *path, bool needs_coordinator, struct agent_config *out, struct err *e)
{
	*out = (struct agent_config){.slots = 1,
		.drain = true,
		.uid_base = UID_BASE_DEFAULT,
		.min_free_mb = MIN_FREE_MB_DEFAULT};
	struct buf bytes = {0};
	struct json_node *root = NULL;
	int code = written_read(path, CONFIG_BYTES, &bytes, e);
	if (code != 0) {
		goto out;
	}
	code = json_tree_parse(buf_view(&bytes), path, &out->arena, &root, e);
	if (code != 0) {
		goto out;
	}
	code = json_struct_read(root, config_fields, out, path, &out->arena, e);
	if (code != 0) {
		goto out;
	}
	if (out->cache == NULL) {
		out->cache = host_cache(&out->arena);
	}
	if (out->name == NULL) {
		char host[UV_MAXHOSTNAMESIZE] = "agent";
		size_t n = sizeof(host);
		uv_os_gethostname(host, &n);
		out->name = arena_copy(&out->arena, host, strlen(host));
	}
	if (json_tree_get(root, "die_with_parent") == NULL) {
		out->die_with_parent = !out->drain; /* a coordinator's own agents are not drained */
	}
	code = check(out, path, needs_coordinator, e);
out:
	buf_finish(&bytes);
	return code;
}

void agent_config_finish(struct agent_config *c)
{
	arena_finish(&c->arena);
	*c = (struct agent_config){0};
}
