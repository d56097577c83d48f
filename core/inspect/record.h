/* RECORD of an installed or built distribution (PEP 376, PEP 427, "Recording installed projects"):
 * CSV lines of path, hash, size. Takes any bytes. */
#pragma once

#include "core/base/mem.h"
#include "core/base/str.h"
#include "core/base/vec.h"

enum { RECORD_DIGEST_BYTES = 32 };

enum record_hash {
	RECORD_HASH_NONE, /* the field is empty */
	RECORD_HASH_SHA256, /* digest holds it */
	RECORD_HASH_OTHER, /* a stronger algorithm that is not compared: sha384, sha512, … */
	RECORD_HASH_BAD, /* md5, sha1, no algorithm, or not urlsafe base64 without padding */
};

struct record_line {
	struct str path;
	enum record_hash hash;
	unsigned char digest[RECORD_DIGEST_BYTES];
	struct str hash_text;
	bool has_size;
	uint64_t size;
	size_t number; /* of the line, from 1 */
};

struct record {
	VEC(struct record_line) lines;
	struct arena arena; /* of paths that were quoted */
};

/* ERR_INVALID and "line N: …" on what is no CSV of three fields. `bytes` must outlive `out`. Always
 * end with record_finish. */
int record_read(struct str bytes, struct record *out, struct err *e);
void record_finish(struct record *r);
