/* The coordinator believes no agent: what a "pass" says is held against the wheel's own bytes. */
#pragma once

#include "core/base/mem.h"
#include "core/farm_protocol/job.h"
#include "core/farm_protocol/result.h"
#include "core/io/blob_store.h"
#include "core/io/sha256.h"

struct verify_answer {
	bool ok;
	enum reason
		reason; /* of a lie: wrong_wheel, tag_lies, silent_pure, glibc_floor, page_size, … */
	const char *line; /* the evidence in one sentence, in the arena; NULL if ok */
	const char *inspect; /* report on the wheel as JSON, in the arena; NULL if there is no wheel */
	/* what its clean wheel requires (requires_text.h), in the arena, and that wheel's SHA-256; NULL text:
	 * there is no such wheel */
	struct str requires;
	unsigned char requires_key[SHA256_BYTES];
	bool proven; /* every import worked, at least one, and a compiled one if the wheel is */
};

/* Blocking: for worker threads. Opens each wheel that the result names (by its blob) and compares
 * name, version, tags, machine and RECORD with the job. Files that were not uploaded, and a hash or
 * size that differs, are ERR_INVALID: the agent must upload first. A result that is no pass is only
 * looked at for its wheel. `blobs` NULL: none of its files, and not the job's, is a blob here. */
int verify_result(const struct blob_store *blobs, const struct job *job, const struct result *r,
	struct arena *arena, struct verify_answer *out, struct err *e);
