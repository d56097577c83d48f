/* RECORD as it is written (PEP 376, PEP 427): one line a file, with its hash and size. */
#pragma once

#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/io/sha256.h"

struct wheel_record_line {
	struct str path; /* must outlive the record */
	char hash[64]; /* base64, without padding */
	uint64_t size;
};
struct wheel_record {
	VEC(struct wheel_record_line) lines;
};

/* Ends the hash, which stays the caller's. */
void wheel_record_add(struct wheel_record *r, struct str path, struct sha256 *hash, uint64_t size);
/* The whole text, with RECORD's own line, which has neither hash nor size, at its end. */
void wheel_record_write(const struct wheel_record *r, struct str own_path, struct buf *out);
void wheel_record_finish(struct wheel_record *r);
