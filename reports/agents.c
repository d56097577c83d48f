#include "reports/agents.h"

#include "reports/visible.h"
#include "reports/words.h"

enum { NAME_COLUMNS = 24 };

void report_agent_json(const struct store_agent *a, struct json_writer *w)
{
	json_object_begin(w);
	json_kv_text(w, "name", a->name);
	json_kv_text(w, "state", store_agent_state_word(a->state));
	json_kv_bool(w, "trusted", a->trusted);
	json_kv_bool(w, "local", a->local);
	json_kv_time(w, "added", a->added);
	json_kv_time(w, "seen", a->seen);
	json_kv_int(w, "faults", a->faults);
	json_kv_text(w, "why", a->why);
	json_kv_time(w, "proved", a->proved);
	json_kv_text(w, "version", a->version);
	json_object_end(w);
}

static void add_line(const struct store_agent *a, int64_t now, struct buf *out)
{
	visible_add_cut(out, str_from(a->name), VISIBLE_LINE, NAME_COLUMNS);
	for (size_t i = str_from(a->name).n; i < NAME_COLUMNS; i++) {
		buf_add_char(out, ' '); /* names are plain ASCII */
	}
	buf_printf(out, "  %-11s  %-7s  ", store_agent_state_word(a->state),
		a->local         ? "local"
			: a->trusted ? "trusted"
						 : "");
	if (a->seen != 0) {
		buf_add_text(out, "seen ");
		words_ago(out, a->seen, now);
	} else {
		buf_add_text(out, "never seen");
	}
	if (a->proved != 0) {
		buf_add_text(out, ", proved ");
		words_ago(out, a->proved, now);
	}
	if (a->why != NULL) {
		buf_add_text(out, ": ");
		visible_add(out, str_from(a->why), VISIBLE_LINE);
	} else if (a->faults != 0) {
		buf_printf(out, ", %lld fault%s of its own in a row", (long long)a->faults,
			a->faults == 1 ? "" : "s");
	}
	buf_add_char(out, '\n');
}

void report_agents_terminal(
	const struct store_agent *agents, size_t count, int64_t now, struct buf *out)
{
	for (int revoked = 0; revoked < 2; revoked++) {
		for (size_t i = 0; i < count; i++) {
			if ((agents[i].state == STORE_AGENT_REVOKED) == (revoked == 1)) {
				add_line(&agents[i], now, out);
			}
		}
	}
	if (count == 0) {
		buf_add_text(out, "no agents; `wheelfarm agent add NAME` admits one\n");
	}
}
