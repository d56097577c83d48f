/* Folders, read through a descriptor: see posix_windows.h. */
#pragma once
#include <stdint.h>

enum { DT_UNKNOWN = 0, DT_DIR = 4, DT_REG = 8, DT_LNK = 10 };

struct dirent {
	unsigned char d_type;
	char d_name[1024]; /* 255 UTF-16 units at most */
};

typedef struct posix_folder DIR;
DIR *posix_opendir(const char *path);
DIR *posix_fdopendir(int fd); /* takes the descriptor */
struct dirent *posix_readdir(DIR *d);
void posix_rewinddir(DIR *d);
int posix_dirfd(DIR *d);
int posix_closedir(DIR *d);
#define opendir(...) posix_opendir(__VA_ARGS__)
#define fdopendir(...) posix_fdopendir(__VA_ARGS__)
#define readdir(...) posix_readdir(__VA_ARGS__)
#define rewinddir(...) posix_rewinddir(__VA_ARGS__)
#define dirfd(...) posix_dirfd(__VA_ARGS__)
#define closedir(...) posix_closedir(__VA_ARGS__)
