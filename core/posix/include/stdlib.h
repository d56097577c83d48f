#pragma once
#pragma GCC system_header /* for include_next */
#include_next <stdlib.h>
#include "posix_windows.h"
#ifndef __cplusplus /* whose libraries say std::NAME */
#define getenv(...) posix_getenv(__VA_ARGS__)
#endif
