#pragma once
#pragma GCC system_header /* for include_next */
#include_next <stdio.h>
#include "posix_windows.h"
#ifndef __cplusplus /* whose libraries say std::NAME */
#define fopen(...) posix_fopen(__VA_ARGS__)
#define rename(...) posix_rename(__VA_ARGS__)
#define renameat(...) posix_renameat(__VA_ARGS__)
#endif
