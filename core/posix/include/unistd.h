#pragma once
#pragma GCC system_header /* for include_next */
#include_next <unistd.h>
#include "posix_windows.h"
#define read(...) posix_read(__VA_ARGS__)
#define write(...) posix_write(__VA_ARGS__)
#define pread(...) posix_pread(__VA_ARGS__)
#define pwrite(...) posix_pwrite(__VA_ARGS__)
#define lseek(...) posix_lseek(__VA_ARGS__)
#define ftruncate(...) posix_ftruncate(__VA_ARGS__)
#define fsync(...) posix_fsync(__VA_ARGS__)
#define access(...) posix_access(__VA_ARGS__)
#define unlink(...) posix_unlink(__VA_ARGS__)
#define unlinkat(...) posix_unlinkat(__VA_ARGS__)
#define rmdir(...) posix_rmdir(__VA_ARGS__)
#define linkat(...) posix_linkat(__VA_ARGS__)
#define symlink(...) posix_symlink(__VA_ARGS__)
#define symlinkat(...) posix_symlinkat(__VA_ARGS__)
#define readlink(...) posix_readlink(__VA_ARGS__)
#define copy_file_range(...) posix_copy_file_range(__VA_ARGS__)
#define lchown(...) posix_lchown(__VA_ARGS__)
