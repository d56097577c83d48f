#pragma once
#include <stdint.h>
struct statvfs {
	uint64_t f_frsize;
	uint64_t f_bavail;
};
int posix_statvfs(const char *path, struct statvfs *out);
#define statvfs(path, out) posix_statvfs((path), (out))
