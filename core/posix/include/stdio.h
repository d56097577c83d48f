#pragma once
#pragma GCC system_header /* for include_next */
#include_next <stdio.h>
#include "posix_windows.h"
#define rename(...) posix_rename(__VA_ARGS__)
#define renameat(...) posix_renameat(__VA_ARGS__)
