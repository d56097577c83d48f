#include "reports/json_page.h"

#include "reports/json_build.h"

#include <ctype.h>

/* The state behind a letter of coordinator/store/standing.h; NULL: not kept. */
static const char *state_of(char letter)
{
	switch (tolower((unsigned char)letter)) {
	case 'w':
		return "wheel";
	case 'p':
	case 'l':
		return "pure";
	case 's':
		return "sdist";
	case 'n':
		return "none";
	case 'x':
		return "python_excluded";
	case 'a':
		return "not_applicable";
	default:
		return NULL;
	}
}

static void add_fact(struct json_writer *w, const char *key, char letter)
{
	json_key(w, key);
	if (state_of(letter) == NULL) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	json_kv_text(w, "state", state_of(letter));
	json_kv_bool(w, "lost_accelerator", tolower((unsigned char)letter) == 'l');
	json_kv_bool(w, "vanished", isupper((unsigned char)letter));
	json_object_end(w);
}

void json_change(struct json_writer *w, const struct store_change *c)
{
	json_object_begin(w);
	json_kv_time(w, "at", c->at);
	json_kv_text(w, "kind", c->kind != CHANGE_NONE ? change_kind_word(c->kind) : NULL);
	json_kv_text(w, "package", c->package);
	json_kv_text(w, "was_version", c->was_version);
	json_kv_text(w, "version", c->version);
	json_kv_text(w, "target", c->target_count != 0 ? c->targets[0] : NULL);
	json_key(w, "targets");
	json_array_begin(w);
	for (size_t i = 0; i < c->target_count; i++) {
		json_text(w, c->targets[i]);
	}
	json_array_end(w);
	json_kv_text(w, "was", headline_word(c->was));
	json_kv_text(w, "became", headline_word(c->became));
	add_fact(w, "published_was", c->was_fact);
	add_fact(w, "published", c->became_fact);
	json_object_end(w);
}
