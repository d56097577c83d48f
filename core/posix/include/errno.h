#pragma once
#pragma GCC system_header /* for include_next */
#include_next <errno.h>
#ifndef EDQUOT
#define EDQUOT 10069 /* WSAEDQUOT, which no file system gives */
#endif
