/* libarchive, loaded when it is first used: see core/base/late.h. */
#pragma once

#include <archive.h>
#include <archive_entry.h>

#define LIBARCHIVE_FUNCTIONS(X)         \
	X(entry_filetype)                   \
	X(entry_hardlink)                   \
	X(entry_hardlink_utf8)              \
	X(entry_mtime)                      \
	X(entry_mtime_is_set)               \
	X(entry_mtime_nsec)                 \
	X(entry_pathname)                   \
	X(entry_pathname_utf8)              \
	X(entry_perm)                       \
	X(entry_symlink)                    \
	X(entry_symlink_utf8)               \
	X(error_string)                     \
	X(filter_bytes)                     \
	X(read_data_block)                  \
	X(read_free)                        \
	X(read_new)                         \
	X(read_next_header)                 \
	X(read_open)                        \
	X(read_open_fd)                     \
	X(read_support_filter_bzip2)        \
	X(read_support_filter_gzip)         \
	X(read_support_filter_lzma)         \
	X(read_support_filter_xz)           \
	X(read_support_filter_zstd)         \
	X(read_support_format_gnutar)       \
	X(read_support_format_tar)          \
	X(read_support_format_zip_seekable) \
	X(read_support_format_zip_streamable)

struct libarchive_functions {
#define LIBARCHIVE_MEMBER(name) __typeof__(archive_##name) *name;
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_MEMBER)
#undef LIBARCHIVE_MEMBER
};

/* `libarchive()->NAME(…)` is archive_NAME. Any thread. */
const struct libarchive_functions *libarchive(void);
