/* Agents: who may take jobs. The token is given once, at admission; only its SHA-256 is kept. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

/* X(enum name, word) */
#define STORE_AGENT_STATE_MAP(X)  \
	X(ACTIVE, "active")           \
	X(DRAINING, "draining")       \
	X(QUARANTINED, "quarantined") \
	X(REVOKED, "revoked")
enum store_agent_state {
#define STORE_AGENT_ENUM(name, word) STORE_AGENT_##name,
	STORE_AGENT_STATE_MAP(STORE_AGENT_ENUM)
#undef STORE_AGENT_ENUM
};

const char *store_agent_state_word(enum store_agent_state state);

struct store_agent {
	int64_t id;
	const char *name;
	const char *token_hash;
	bool trusted;
	bool local; /* started by `run`, dead when that ends */
	enum store_agent_state state;
	const char *capabilities; /* JSON, NULL: never said hello */
	const char *version;
	int64_t added;
	int64_t seen; /* 0: never */
	int64_t faults; /* farm faults in a row */
	const char *why; /* it is in quarantine; NULL: it is not */
	bool fooled; /* it said what no honest agent says */
	int64_t proved; /* when its last canary passed; 0: none did */
};

enum { STORE_TOKEN = 65 };

/* A fresh random token: 256 bits as hex digits. */
int store_token_make(char token[static STORE_TOKEN], struct err *e);

/* True if an agent may be called so: [A-Za-z0-9._-], 1 to 64 of them. */
bool store_agent_name_is_plain(const char *name);

/* Writes. A fresh random token is put into `token` (64 hex digits); ERR_CONFLICT if an agent of that
 * name is there and not revoked (a revoked one of that name is replaced by its new life); ERR_INVALID
 * for a name that is not plain. */
int store_agent_add(struct store *s, const char *name, bool trusted, bool local, int64_t now,
	char token[static STORE_TOKEN], int64_t *id, struct err *e);
/* ERR_NOT_FOUND. */
int store_agent_get(
	struct store *s, const char *name, struct arena *arena, struct store_agent *out, struct err *e);
/* All by name, an array in `arena`. */
int store_agent_list(
	struct store *s, struct arena *arena, struct store_agent **out, size_t *count, struct err *e);
/* Writes. */
int store_agent_hello(struct store *s, int64_t agent, const char *capabilities, const char *version,
	int64_t now, struct err *e);
int store_agent_seen(struct store *s, int64_t agent, int64_t now, struct err *e);
/* An active agent is in quarantine from now on; why. fooled: only an operator lets it out. */
int store_agent_quarantine(
	struct store *s, int64_t agent, const char *why, bool fooled, struct err *e);
int store_agent_proved(struct store *s, int64_t agent, int64_t now, struct err *e);
int store_agent_set_state(
	struct store *s, int64_t agent, enum store_agent_state state, struct err *e);
/* The same by name, as an operator asks for it: ACTIVE forgets the row of faults; whoever was revoked
 * stays so (ERR_CONFLICT), as its token may be in wrong hands. ERR_NOT_FOUND. */
int store_agent_change(
	struct store *s, const char *name, enum store_agent_state state, int64_t *id, struct err *e);
/* One more farm fault in a row; the one that reaches `limit` quarantines an active agent. */
int store_agent_fault(struct store *s, int64_t agent, int64_t limit, int64_t *faults,
	bool *quarantined, struct err *e);
int store_agent_fine(struct store *s, int64_t agent, struct err *e); /* the row of faults ends */
