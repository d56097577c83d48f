#pragma once
#pragma GCC system_header /* for include_next */
#include_next <string.h>
#include "posix_windows.h"
#define strsignal(...) posix_strsignal(__VA_ARGS__)
