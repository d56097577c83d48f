/* The files of a package as one blob: what the database keeps of an index page, about 110 bytes a
 * file, nearly all of them hashes. Written on a worker thread, read whole or file by file.
 *
 * Format 1. Numbers are LEB128 (7 bits a byte, low first), texts a number and the bytes. A file is told
 * by what differs from the one before it.
 *
 *   u8 1, number of files, then each file:
 *   u8 flags    0-1 kind: 0 wheel, 1 sdist, 2 other
 *               2 yanked
 *               3 version as before          (else: number in the table of versions)
 *               4 requires-python as before  (else: number in the table of rules)
 *               5 metadata_sha256 as 32 bytes is there
 *               6 url: prefix as before, hash path, file name (else: u8 form, below)
 *               7 odd hashes: u8 follows: 0 no sha256, 1 it is a text; 2 metadata_sha256 is a text
 *   filename    u8 bytes shared with the start of the name before, u8 with its end, text between
 *   version, rule; size + 1 or 0; 1 + zigzag of the time since the last known upload or 0
 *   hashes      32 bytes, or the texts that flag 7 says: sha256, metadata_sha256
 *   url         prefix number if form is 0 or 1; 32 bytes of the hash path; the text of form 2
 *
 * A number in a table that is one past its end adds the text that follows it; number 0 is the empty
 * text of versions and rules. Url forms: 0 prefix + "aa/bb/60 hex digits/" + filename, as the index has
 * it; 1 prefix + filename; 2 any text. */
#pragma once

#include "coordinator/store/file.h"
#include "core/base/vec.h"

/* Adds the pack of these files to `out`, in their order. Any thread. */
void file_pack_write(const struct store_file *files, size_t count, struct buf *out);

enum file_pack_depth {
	FILE_PACK_WHOLE,
	/* without addresses, with hashes as `key` alone; keys and texts but names are views onto the pack */
	FILE_PACK_NAMES,
};
/* All files in their order, an array in `arena`, as are their texts. ERR_CORRUPT, with the byte that
 * is wrong, if this is no whole pack; nothing about the bytes is taken for granted. */
int file_pack_read(struct str pack, enum file_pack_depth depth, struct arena *arena,
	struct store_file **out, size_t *count, struct err *e);

enum { FILE_PACK_SHARED = 255 }; /* most bytes that a file repeats of another */

/* One file of a walk. Names live until the step after the next; other views as long as the pack. */
struct file_pack_entry {
	struct str filename;
	const char *kind; /* "wheel", "sdist", "other" */
	size_t version_index; /* the distinct versions, as they come; 0: the name has none */
	struct str version;
	size_t rule_index; /* the distinct rules, as they come; 0: none */
	struct str rule; /* requires-python */
	int64_t size; /* -1: unknown */
	int64_t uploaded; /* 0: unknown */
	bool yanked;
	const unsigned char *sha256; /* 32 bytes; NULL: the text, which may be empty */
	struct str sha256_text;
	const unsigned char *metadata_sha256;
	struct str metadata_sha256_text;
	unsigned url_form;
	struct str url_prefix; /* of forms 0 and 1 */
	const unsigned char *url_path; /* of form 0 */
	struct str url_text; /* of form 2 */
};

struct file_pack_table {
	struct str *v;
	size_t n;
	size_t capacity;
};

/* A walk over a pack, for those who need neither hashes nor addresses as text. */
struct file_pack_walk {
	const unsigned char *p, *start, *end;
	uint64_t left; /* files still to come */
	struct file_pack_table versions, rules, prefixes; /* views onto the pack */
	size_t prefix; /* the last one used */
	uint64_t uploaded; /* the last one known */
	struct arena *arena; /* where all names are kept; NULL: the last two, in turn */
	struct buf names[2];
	unsigned turn;
	struct file_pack_entry entry;
};
/* Begins; the bytes must stay until file_pack_walk_finish, which is due after an error too. */
int file_pack_walk_init(struct file_pack_walk *w, struct str pack, struct err *e);
/* 1: w->entry is the next file. 0: there are no more. ERR_CORRUPT. */
int file_pack_walk_next(struct file_pack_walk *w, struct err *e);
void file_pack_walk_finish(struct file_pack_walk *w);
