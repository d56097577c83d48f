#pragma once
#include <posix_windows.h>
#define getrandom(...) posix_getrandom(__VA_ARGS__)
#define GRND_NONBLOCK 1
