#include "coordinator/store/agent.h"

#include "coordinator/store/store_parts.h"
#include "core/io/sha256.h"
#include "sql/db.h"

#include <errno.h>
#include <sys/random.h>

static const char *const state_words[] = {
#define STATE_WORD(name, word) [STORE_AGENT_##name] = (word),
	STORE_AGENT_STATE_MAP(STATE_WORD)
#undef STATE_WORD
};

const char *store_agent_state_word(enum store_agent_state state)
{
	return state_words[state];
}

static enum store_agent_state state_find(struct str word)
{
	for (size_t i = 0; i < sizeof(state_words) / sizeof(*state_words); i++) {
		if (str_is(word, state_words[i])) {
			return (enum store_agent_state)i;
		}
	}
	/* A word of a later program: such an agent gets nothing from this one. */
	return STORE_AGENT_REVOKED;
}

static void read_row(struct sql_query *q, struct arena *arena, struct store_agent *out)
{
	*out = (struct store_agent){
		.id = sql_int(q, 0),
		.name = sql_text(q, 1, arena),
		.token_hash = sql_text(q, 2, arena),
		.trusted = sql_int(q, 3) != 0,
		.local = sql_int(q, 4) != 0,
		.state = state_find(sql_str(q, 5)),
		.capabilities = sql_text(q, 6, arena),
		.version = sql_text(q, 7, arena),
		.added = sql_int(q, 8),
		.seen = sql_int(q, 9),
		.faults = sql_int(q, 10),
		.why = sql_text(q, 11, arena),
		.proved = sql_int(q, 12),
		.fooled = sql_int(q, 13) != 0,
	};
}

bool store_agent_name_is_plain(const char *name)
{
	struct str s = str_from(name);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') {
			return false;
		}
	}
	return s.n > 0 && s.n <= 64;
}

static void hash_hex(struct str text, char hex[static SHA256_HEX])
{
	unsigned char digest[SHA256_BYTES];
	sha256_of(text, digest);
	sha256_hex(digest, hex);
}

int store_token_make(char token[static STORE_TOKEN], struct err *e)
{
	unsigned char secret[SHA256_BYTES];
	if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret)) {
		return err_set(e, -errno, "random bytes: %s", err_text(-errno));
	}
	sha256_hex(secret, token);
	return 0;
}

int store_agent_add(struct store *s, const char *name, bool trusted, bool local, int64_t now,
	char token[static STORE_TOKEN], int64_t *id, struct err *e)
{
	if (!store_agent_name_is_plain(name)) {
		return err_set(e, ERR_INVALID, "agent name: 1 to 64 of A-Z a-z 0-9 . _ - are allowed");
	}
	int made = store_token_make(token, e);
	if (made != 0) {
		return made;
	}
	char hash[SHA256_HEX];
	hash_hex(str_from(token), hash);
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AGENT_PUT, e);
	sql_bind_text(&q, name);
	sql_bind_text(&q, hash);
	sql_bind_int(&q, trusted);
	sql_bind_int(&q, local);
	sql_bind_int(&q, now);
	bool added = sql_row(&q);
	if (added) {
		*id = sql_int(&q, 0);
	}
	int code = sql_run(&q);
	if (code == 0 && !added) {
		code = err_set(e, ERR_CONFLICT, "agent %s: there is one of that name", name);
	}
	return code;
}

static int find(struct store *s, enum sql_block block, struct str value, struct arena *arena,
	struct store_agent *out, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), block, e);
	sql_bind_str(&q, value);
	bool found = sql_row(&q);
	if (found) {
		read_row(&q, arena, out);
	}
	int code = sql_end(&q);
	return code == 0 && !found ? ERR_NOT_FOUND : code;
}

int store_agent_get(
	struct store *s, const char *name, struct arena *arena, struct store_agent *out, struct err *e)
{
	int code = find(s, SQL_AGENT_BY_NAME, str_from(name), arena, out, e);
	return code == ERR_NOT_FOUND ? err_set(e, code, "agent %s: there is none", name) : code;
}

int store_agent_list(
	struct store *s, struct arena *arena, struct store_agent **out, size_t *count, struct err *e)
{
	VEC(struct store_agent) list = {0};
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AGENT_LIST, e);
	while (sql_row(&q)) {
		read_row(&q, arena, vec_add(&list));
	}
	*out = store_list_copy(arena, list.v, list.n, sizeof(*list.v));
	*count = list.n;
	vec_finish(&list);
	return sql_end(&q);
}

int store_agent_hello(struct store *s, int64_t agent, const char *capabilities, const char *version,
	int64_t now, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AGENT_HELLO, e);
	sql_bind_int(&q, agent);
	sql_bind_text(&q, capabilities);
	sql_bind_text(&q, version);
	sql_bind_int(&q, now);
	return sql_run(&q);
}

int store_agent_seen(struct store *s, int64_t agent, int64_t now, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AGENT_SEEN, e);
	sql_bind_int(&q, agent);
	sql_bind_int(&q, now);
	return sql_run(&q);
}

int store_agent_quarantine(
	struct store *s, int64_t agent, const char *why, bool fooled, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AGENT_QUARANTINE, e);
	sql_bind_int(&q, agent);
	sql_bind_text(&q, why);
	sql_bind_int(&q, fooled);
	return sql_run(&q);
}

int store_agent_proved(struct store *s, int64_t agent, int64_t now, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AGENT_PROVED, e);
	sql_bind_int(&q, agent);
	sql_bind_int(&q, now);
	return sql_run(&q);
}

int store_agent_set_state(
	struct store *s, int64_t agent, enum store_agent_state state, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AGENT_SET_STATE, e);
	sql_bind_int(&q, agent);
	sql_bind_text(&q, state_words[state]);
	return sql_run(&q);
}

int store_agent_change(
	struct store *s, const char *name, enum store_agent_state state, int64_t *id, struct err *e)
{
	struct arena arena = {0};
	struct store_agent agent;
	int code = store_agent_get(s, name, &arena, &agent, e);
	if (code == 0 && agent.state == STORE_AGENT_REVOKED && state != STORE_AGENT_REVOKED) {
		code = err_set(e, ERR_CONFLICT, "agent %s was revoked: add it again for a new token", name);
	}
	if (code == 0) {
		*id = agent.id;
		code = store_agent_set_state(s, agent.id, state, e);
	}
	if (code == 0 && state == STORE_AGENT_ACTIVE) {
		code = store_agent_fine(s, agent.id, e);
	}
	arena_finish(&arena);
	return code;
}

int store_agent_fault(struct store *s, int64_t agent, int64_t limit, int64_t *faults,
	bool *quarantined, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AGENT_FAULT, e);
	sql_bind_int(&q, agent);
	sql_bind_int(&q, limit);
	if (sql_row(&q)) {
		*faults = sql_int(&q, 0);
		*quarantined = state_find(sql_str(&q, 1)) == STORE_AGENT_QUARANTINED;
	}
	return sql_run(&q);
}

int store_agent_fine(struct store *s, int64_t agent, struct err *e)
{
	struct sql_query q;
	sql_start(&q, store_sql(s), SQL_AGENT_FINE, e);
	sql_bind_int(&q, agent);
	return sql_run(&q);
}
