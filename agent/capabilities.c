#include "agent/capabilities.h"

#include "agent/host.h"
#include "agent/text_list.h"
#include "agent/toolchain.h"
#include "agent/workspace.h"
#include "core/io/file.h"
#include "core/io/sha256.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

/* Images that are complete: their identity is written last. */
static void find_images(const char *cache, struct arena *a, struct text_list *out)
{
	char *folder = file_join(cache, "images");
	DIR *all = opendir(folder);
	free(folder);
	if (all == NULL) {
		return;
	}
	for (struct dirent *entry = readdir(all); entry != NULL; entry = readdir(all)) {
		if (entry->d_name[0] == '.') {
			continue;
		}
		const char *name = arena_printf(a, "images/%s/identity", entry->d_name);
		if (toolchain_line(cache, name, a)[0] != '\0') {
			text_list_add(out, a, entry->d_name);
		}
	}
	closedir(all);
}

static struct json_texts texts_of(const struct text_list *l)
{
	return (struct json_texts){.v = l->v, .n = l->n};
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds "KIND/NAME IDENTITY" of each complete thing in a folder of the cache. */
static void add_identities(
	const char *cache, const char *kind, struct arena *a, struct text_list *out)
{
	char *folder = file_join(cache, kind);
	DIR *all = opendir(folder);
	free(folder);
	for (struct dirent *entry; all != NULL && (entry = readdir(all)) != NULL;) {
		if (entry->d_name[0] != '.') {
			const char *name = arena_printf(a, "%s/%s", kind, entry->d_name);
			const char *line = toolchain_line(cache, arena_printf(a, "%s/identity", name), a);
			text_list_addf(out, a, "%s %s", name, line);
		}
	}
	if (all != NULL) {
		closedir(all);
	}
}

/* One hash of all that jobs are made with here. */
static const char *find_identity(const struct agent *agent, const char *machine, struct arena *a)
{
	const char *cache = agent->config.cache;
	struct text_list parts = {0};
	add_identities(cache, "images", a, &parts);
	add_identities(cache, "sdk", a, &parts);
	add_identities(cache, "msvc", a, &parts);
	text_list_addf(&parts, a, "zig %s", toolchain_line(cache, "zig-version", a));
	text_list_addf(
		&parts, a, "sandbox %s, emulation %d", agent->sandbox, (int)host_emulates_aarch64());
	text_list_addf(&parts, a, "agent %s on %s", WHEELFARM_VERSION, machine);
	qsort(parts.v, parts.n, sizeof(*parts.v), by_text);
	struct sha256 *h = sha256_create();
	unsigned char digest[SHA256_BYTES];
	char *hex = arena_new(a, SHA256_HEX);
	for (size_t i = 0; i < parts.n; i++) {
		sha256_add(h, parts.v[i], strlen(parts.v[i]) + 1);
	}
	sha256_end(h, digest);
	sha256_destroy(h);
	sha256_hex(digest, hex);
	return hex;
}

void capabilities_find(const struct agent *agent, struct arena *a, struct capabilities *out)
{
	const char *cache = agent->config.cache;
	const char *machine = host_machine(a);
	struct text_list modes = {0};
	struct text_list toolchains = {0};
	struct text_list images = {0};
	text_list_add(&modes, a, "native");
	bool cross = false;
	for (const struct toolchain *const *t = toolchain_rows; *t != NULL; t++) {
		if ((*t)->present(cache)) {
			text_list_add(&toolchains, a, (*t)->name);
			cross = cross || (*t)->cross;
		}
	}
	if (cross) {
		text_list_add(&modes, a, "cross");
	}
	if (host_emulates_aarch64()) {
		text_list_add(&modes, a, "emulated");
	}
	find_images(cache, a, &images);
	*out = (struct capabilities){
		.os = host_os(),
		.arch = machine,
		.modes = texts_of(&modes),
		.toolchains = texts_of(&toolchains),
		.images = texts_of(&images),
		.identity = find_identity(agent, machine, a),
		.cores = uv_available_parallelism(),
		.memory_mb = (int64_t)(uv_get_total_memory() >> 20),
		.page_size = host_page_size(),
		.free_disk_mb = (int64_t)(workspace_free_bytes(agent->config.workspace) >> 20),
	};
}
