/* The sdist of the canary: a build that an agent must pass before it gets jobs (pack.py makes it). */
#pragma once

#include <stddef.h>

#define CANARY_PACKAGE "wheelfarm-canary"
#define CANARY_VERSION "1"
#define CANARY_FILE "wheelfarm_canary-1.tar.gz"

extern const unsigned char canary_sdist[];
extern const size_t canary_sdist_size;
