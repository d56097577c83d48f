#pragma once
#pragma GCC system_header /* for include_next */
#include_next <locale.h>
#include "posix_windows.h"
#define setlocale(...) posix_setlocale(__VA_ARGS__)
