#include "reports/night.h"

#include "core/base/clock.h"
#include "reports/json_page.h"
#include "reports/visible.h"

#include <inttypes.h>

/* The order in which people want to know. */
static const enum change_kind order[] = {
	CHANGE_VANISHED, CHANGE_BROKE, CHANGE_FIXED, CHANGE_APPEARED};

static size_t count_of(const struct night_view *v, enum change_kind kind)
{
	size_t n = 0;
	for (size_t i = 0; i < v->change_count; i++) {
		n += v->changes[i].kind == kind ? 1 : 0;
	}
	return n;
}

void report_night_summary(const struct night_view *v, struct buf *out)
{
	bool any = false;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		size_t n = count_of(v, order[i]);
		if (n != 0) {
			buf_printf(out, "%s%zu %s", any ? ", " : "", n, change_kind_word(order[i]));
			any = true;
		}
	}
	if (!any) {
		buf_add_text(out, "nothing changed");
	}
}

static void add_visible(struct buf *out, const char *text)
{
	visible_add(out, str_from(text), VISIBLE_LINE);
}

static void add_change(const struct night_view *v, const struct store_change *c, struct buf *out)
{
	buf_add_text(out, "  ");
	add_visible(out, c->package);
	if (c->version != NULL) {
		buf_add_char(out, ' ');
		add_visible(out, c->version);
	}
	buf_printf(out, ": %s, was %s, on", headline_word(c->became), headline_word(c->was));
	for (size_t i = 0; i < c->target_count; i++) {
		buf_printf(out, "%s%s", i != 0 ? ", " : " ", c->targets[i]);
	}
	buf_add_char(out, '\n');
	if (v->url != NULL) {
		buf_printf(out, "    %s/package/%s\n", v->url, c->package);
	}
}

static void add_missed(const struct night_view *v, struct buf *out)
{
	if (v->missed_count != 0) {
		buf_add_text(out, "\nnot reached\n");
	}
	int64_t told = 0;
	for (size_t i = 0; i < v->missed_count; i++) {
		const struct store_missed *m = &v->missed[i];
		told += m->problem == NULL ? 1 : 0;
		buf_add_text(out, "  ");
		add_visible(out, m->package);
		if (m->problem != NULL) {
			buf_add_text(out, ": no page: ");
			add_visible(out, m->problem);
		} else {
			buf_printf(out, " %s: its build for %s still waits", m->version, m->target);
		}
		buf_add_char(out, '\n');
	}
	if (v->not_reached > told) {
		buf_printf(out, "  and %" PRId64 " more builds\n", v->not_reached - told);
	}
}

void report_night_text(const struct night_view *v, struct buf *out)
{
	const struct store_night *n = &v->night;
	char ended[CLOCK_TEXT];
	clock_text(n->ended, ended);
	buf_printf(out,
		"Night %" PRId64 ", scanned until %s: %" PRId64 " packages asked, %" PRId64
		" pages read, %" PRId64 " as before.\n",
		n->id, ended, n->asked, n->read, n->unchanged);
	if (n->absent + n->bad + n->failed != 0) {
		buf_printf(out,
			"Without an answer: %" PRId64 " the index does not have, %" PRId64
			" bad pages, %" PRId64 " out of reach.\n",
			n->absent, n->bad, n->failed);
	}
	if (v->not_reached != 0) {
		buf_printf(out, "Not reached: %" PRId64 " builds still wait.\n", v->not_reached);
	}
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (count_of(v, order[i]) == 0) {
			continue;
		}
		buf_printf(out, "\n%s\n", change_kind_word(order[i]));
		for (size_t k = 0; k < v->change_count; k++) {
			if (v->changes[k].kind == order[i]) {
				add_change(v, &v->changes[k], out);
			}
		}
	}
	add_missed(v, out);
}

void report_night_json(const struct night_view *v, struct json_writer *w)
{
	const struct store_night *n = &v->night;
	json_object_begin(w);
	json_key(w, "night");
	json_object_begin(w);
	json_kv_int(w, "id", n->id);
	json_kv_time(w, "started", n->started);
	json_kv_time(w, "ended", n->ended);
	json_kv_int(w, "asked", n->asked);
	json_kv_int(w, "read", n->read);
	json_kv_int(w, "unchanged", n->unchanged);
	json_kv_int(w, "absent", n->absent);
	json_kv_int(w, "bad", n->bad);
	json_kv_int(w, "failed", n->failed);
	json_object_end(w);
	json_key(w, "counts");
	json_object_begin(w);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		json_kv_int(w, change_kind_word(order[i]), (int64_t)count_of(v, order[i]));
	}
	json_object_end(w);
	json_key(w, "changes");
	json_array_begin(w);
	for (size_t i = 0; i < v->change_count; i++) {
		json_change(w, &v->changes[i]);
	}
	json_array_end(w);
	json_kv_int(w, "not_reached", v->not_reached);
	json_key(w, "missed");
	json_array_begin(w);
	for (size_t i = 0; i < v->missed_count; i++) {
		json_object_begin(w);
		json_kv_text(w, "package", v->missed[i].package);
		json_kv_text(w, "version", v->missed[i].version);
		json_kv_text(w, "target", v->missed[i].target);
		json_kv_text(w, "problem", v->missed[i].problem);
		json_object_end(w);
	}
	json_array_end(w);
	json_kv_text(w, "url", v->url);
	json_object_end(w);
}
