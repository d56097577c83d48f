/* Proofs: which canary passed on which agent, with what it said it is made of. */
#pragma once

#include "coordinator/store/store.h"

/* Writes. `key` is the queue's hash of all that was proved. */
int store_proof_add(struct store *s, const char *key, const char *agent, const char *target,
	int64_t now, struct err *e);
/* Writes. It is no proof any more; none is fine. */
int store_proof_drop(struct store *s, const char *key, struct err *e);
/* Calls `add` for each key. */
int store_proof_list(
	struct store *s, void (*add)(void *user, struct str key), void *user, struct err *e);
