#include "core/posix/include/dirent.h"
#include "core/posix/include/fts.h"
#include "core/posix/include/posix_windows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct level {
	struct level *up;
	DIR *folder;
	size_t length; /* of the folder's path */
};

struct posix_walk {
	FTSENT entry;
	struct posix_stat stat;
	struct level *level;
	char *path;
	size_t capacity;
	int depth;
	bool enter; /* the entry that was given last is a folder to go into */
	bool over;
};

static bool set_path(FTS *walk, size_t length, const char *name)
{
	size_t n = strlen(name);
	if (length + n + 2 > walk->capacity) {
		size_t capacity = 2 * (length + n + 2);
		char *path = realloc(walk->path, capacity);
		if (path == NULL) {
			errno = ENOMEM;
			return false;
		}
		walk->path = path;
		walk->capacity = capacity;
	}
	if (length != 0) {
		walk->path[length++] = '/';
	}
	memcpy(walk->path + length, name, n + 1);
	return true;
}

static FTSENT *give(FTS *walk, int info, int error)
{
	walk->entry = (FTSENT){
		.fts_info = info,
		.fts_errno = error,
		.fts_level = walk->depth,
		.fts_path = walk->path,
		.fts_accpath = walk->path,
		.fts_statp = &walk->stat,
	};
	walk->enter = info == FTS_D;
	return &walk->entry;
}

static FTSENT *look(FTS *walk)
{
	if (posix_lstat(walk->path, &walk->stat) != 0) {
		return give(walk, FTS_NS, errno);
	}
	unsigned type = walk->stat.st_mode & 0170000;
	int info = type == 0040000 ? FTS_D
		: type == 0100000      ? FTS_F
		: type == 0120000      ? FTS_SL
							   : FTS_DEFAULT;
	return give(walk, info, 0);
}

FTS *posix_fts_open(char *const *paths, int options, void *order)
{
	FTS *walk = calloc(1, sizeof(*walk));
	if (walk == NULL || !set_path(walk, 0, paths[0])) {
		free(walk);
		errno = ENOMEM;
		return NULL;
	}
	return walk;
}

static FTSENT *leave(FTS *walk)
{
	struct level *level = walk->level;
	walk->level = level->up;
	walk->depth--;
	walk->path[level->length] = '\0';
	posix_closedir(level->folder);
	free(level);
	walk->over = walk->level == NULL;
	return give(walk, FTS_DP, 0);
}

FTSENT *posix_fts_read(FTS *walk)
{
	if (walk->over) {
		return NULL;
	}
	if (walk->enter) {
		walk->enter = false;
		DIR *folder = posix_opendir(walk->path);
		struct level *level = folder != NULL ? calloc(1, sizeof(*level)) : NULL;
		if (level == NULL) {
			int error = folder != NULL ? ENOMEM : errno;
			if (folder != NULL) {
				posix_closedir(folder);
			}
			walk->over = walk->level == NULL;
			return give(walk, FTS_DNR, error);
		}
		*level = (struct level){.up = walk->level, .folder = folder, .length = strlen(walk->path)};
		walk->level = level;
		walk->depth++;
	} else if (walk->level == NULL) {
		/* the top itself: first of all, and last if it is no folder */
		FTSENT *entry = look(walk);
		walk->over = !walk->enter;
		return entry;
	}
	for (struct dirent *entry; (entry = posix_readdir(walk->level->folder)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
			continue;
		}
		if (!set_path(walk, walk->level->length, entry->d_name)) {
			return give(walk, FTS_ERR, errno);
		}
		return look(walk);
	}
	return leave(walk);
}

int posix_fts_close(FTS *walk)
{
	while (walk->level != NULL) {
		leave(walk);
	}
	free(walk->path);
	free(walk);
	return 0;
}
