/* The process's heap, for a program that is about to take some ten megabytes at once and to end soon after. */
#pragma once

#include <stddef.h>

/* From here on malloc has room of that size in large pages where the kernel gives them, and keeps what is
 * freed: the kernel's work for each small page costs more than what is written into it. Call it once, before
 * there are threads. Nothing but speed depends on it. */
void heap_expect(size_t bytes);
