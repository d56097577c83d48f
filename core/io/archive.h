/* Unpacking of whole archives by libarchive, where every byte is hostile; blocking: for child
 * processes and worker threads. */
#pragma once

#include "core/base/str.h"

struct archive_limits {
	uint64_t entries; /* default 100,000 */
	uint64_t total_bytes; /* unpacked, default 16 GiB */
	uint64_t path_bytes; /* of one name, default 1,024 */
	uint64_t ratio; /* total unpacked : archive size, default 200; counts from 16 MiB on */
};

/* Unpacks a tar (plain, gzip, bzip2, xz, zstd) or zip file under `folder` (which exists and is
 * empty). Refused, with a sentence that names the entry and the rule: absolute names, "..", names
 * that leave the folder through a link, hard links and symlinks that point outside, devices, fifos,
 * duplicate files, and whatever is over a limit (0 in `limits`, or NULL, is the default). Owners and
 * set-id bits are dropped; modes become 0644 or 0755; time stamps of files stay. After an error the
 * folder has what came before it: the caller removes it. `top` (may be NULL) receives the single
 * top-level folder's name or "" if there is none; the caller frees it. */
int archive_unpack(const char *file, const char *folder, const struct archive_limits *limits,
	char **top, struct err *e);
