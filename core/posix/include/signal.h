#pragma once
#pragma GCC system_header /* for include_next */
#include_next <signal.h>
/* Numbers that Linux has, for what a crash of a child is told as. */
#ifndef SIGKILL
#define SIGKILL 9
#endif
#ifndef SIGXFSZ
#define SIGXFSZ 25
#endif
