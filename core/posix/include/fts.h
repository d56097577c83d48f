/* A walk over a tree, as far as our code uses it: see posix_windows.h. Links are not followed. */
#pragma once
#include <stddef.h>
#include "posix_windows.h"

enum { FTS_PHYSICAL = 1, FTS_NOCHDIR = 2, FTS_XDEV = 4 }; /* it is always all of them */
enum { FTS_D = 1, FTS_DP, FTS_F, FTS_SL, FTS_SLNONE, FTS_DEFAULT, FTS_DNR, FTS_NS, FTS_ERR };

typedef struct {
	int fts_info;
	int fts_errno;
	int fts_level; /* 0 is the path that was given */
	char *fts_path;
	char *fts_accpath;
	struct posix_stat *fts_statp;
} FTSENT;

typedef struct posix_walk FTS;
FTS *posix_fts_open(char *const *paths, int options, void *order); /* the first path alone */
FTSENT *posix_fts_read(FTS *walk);
int posix_fts_close(FTS *walk);
#define fts_open(...) posix_fts_open(__VA_ARGS__)
#define fts_read(...) posix_fts_read(__VA_ARGS__)
#define fts_close(...) posix_fts_close(__VA_ARGS__)
