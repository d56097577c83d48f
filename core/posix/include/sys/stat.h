#pragma once
#pragma GCC system_header /* for include_next */
#include_next <sys/stat.h>
#include <posix_windows.h>
#ifndef S_IFLNK
#define S_IFLNK 0120000
#endif
#ifndef S_ISLNK
#define S_ISLNK(mode) (((mode)&0170000) == S_IFLNK)
#endif
#define stat posix_stat
#define lstat(...) posix_lstat(__VA_ARGS__)
#define fstat(...) posix_fstat(__VA_ARGS__)
#define fstatat(...) posix_fstatat(__VA_ARGS__)
#define mkdir(...) posix_mkdir(__VA_ARGS__)
#define mkdirat(...) posix_mkdirat(__VA_ARGS__)
#define fchmodat(...) posix_fchmodat(__VA_ARGS__)
#define futimens(...) posix_futimens(__VA_ARGS__)
