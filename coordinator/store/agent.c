#include "coordinator/store/job.h"

#include "core/base/vec.h"

int agent_add(struct store *s, const char *name, const char *token_hash, bool trusted, int64_t now,
	int64_t *id, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_AGENT_ADD);
	sql_bind_text(q, 1, name);
	sql_bind_text(q, 2, token_hash);
	sql_bind_int(q, 3, trusted);
	sql_bind_int(q, 4, now);
	while (sql_next(q)) {
		*id = sql_int(q, 0);
	}
	return sql_end(q, e);
}

static void read_agent(struct sql_query *q, struct arena *arena, struct agent_record *out)
{
	*out = (struct agent_record){
		.id = sql_int(q, 0),
		.name = sql_copy(q, 1, arena),
		.trusted = sql_int(q, 2) != 0,
		.state = sql_copy(q, 3, arena),
		.capabilities = sql_copy(q, 4, arena),
		.version = sql_copy(q, 5, arena),
		.added = sql_int(q, 6),
		.seen = sql_int(q, 7),
		.faults = sql_int(q, 8),
	};
}

int agent_find(struct store *s, const char *token_hash, struct arena *arena,
	struct agent_record *out, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_AGENT_FIND);
	sql_bind_text(q, 1, token_hash);
	bool found = sql_next(q);
	if (found) {
		read_agent(q, arena, out);
	}
	int code = sql_end(q, e);
	if (code < 0) {
		return code;
	}
	if (!found) {
		return err_set(e, ERR_NOT_FOUND, "no agent has this token");
	}
	return str_is(str_from(out->state), "revoked")
		? err_set(e, ERR_DENIED, "agent %s is revoked", out->name)
		: 0;
}

int agent_list(struct store *s, struct arena *arena, struct agent_records *out, struct err *e)
{
	VEC(struct agent_record) agents = {0};
	struct sql_query *q = sql_start(store_sql(s), SQL_AGENT_LIST);
	while (sql_next(q)) {
		read_agent(q, arena, vec_add(&agents));
	}
	int code = sql_end(q, e);
	out->n = agents.n;
	out->v = vec_to_arena(&agents, arena);
	return code;
}

int agent_seen(struct store *s, int64_t id, const char *capabilities, const char *version,
	int64_t now, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_AGENT_SEEN);
	sql_bind_int(q, 1, id);
	sql_bind_int(q, 2, now);
	sql_bind_text(q, 3, capabilities);
	sql_bind_text(q, 4, version);
	return sql_do(q, e);
}

int agent_set_state(struct store *s, int64_t id, const char *state, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_AGENT_SET_STATE);
	sql_bind_int(q, 1, id);
	sql_bind_text(q, 2, state);
	return sql_do(q, e);
}

int agent_fault(struct store *s, int64_t id, bool fault, int64_t *faults, struct err *e)
{
	struct sql_query *q = sql_start(store_sql(s), SQL_AGENT_FAULT);
	sql_bind_int(q, 1, id);
	sql_bind_int(q, 2, fault);
	while (sql_next(q)) {
		*faults = sql_int(q, 0);
	}
	return sql_end(q, e);
}
