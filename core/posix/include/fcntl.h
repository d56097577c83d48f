#pragma once
#pragma GCC system_header /* for include_next */
#include_next <fcntl.h>
#include "posix_windows.h"
#define O_DIRECTORY POSIX_O_DIRECTORY
#define O_NOFOLLOW POSIX_O_NOFOLLOW
#define O_CLOEXEC POSIX_O_CLOEXEC
#define O_NONBLOCK POSIX_O_NONBLOCK
#define O_NOCTTY 0
#define AT_FDCWD POSIX_AT_FDCWD
#define AT_SYMLINK_NOFOLLOW POSIX_AT_SYMLINK_NOFOLLOW
#define AT_REMOVEDIR POSIX_AT_REMOVEDIR
#define open(...) posix_open(__VA_ARGS__)
#define openat(...) posix_openat(__VA_ARGS__)
