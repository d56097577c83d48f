/* The seam between toml.c and the library of C++ that reads TOML; for those two files alone. C++ reads
 * this, so it has no header of ours. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One value; views that last for the call. */
struct toml_walk_value {
	int kind; /* enum toml_kind */
	unsigned line;
	const char *key;
	size_t key_length;
	const char *text;
	size_t text_length;
	int64_t number;
};

/* `open` comes with each value, its children after it, then `close`. */
struct toml_walk_sink {
	void (*open)(void *user, const struct toml_walk_value *value);
	void (*close)(void *user);
	void *user;
};

struct toml_walk_problem {
	unsigned line;
	char what[256];
};

/* 0, or -1 and the problem: nothing was told to the sink then. */
int toml_walk(const char *text, size_t length, const struct toml_walk_sink *sink,
	struct toml_walk_problem *problem);

#ifdef __cplusplus
}
#endif
