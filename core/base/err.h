/* Errors: one int space, zero is success, negative is an error.
 *
 * -1 … -4095 are the system's errno values negated (as libuv has them); wheelfarm's own begin at
 * -5000. A function that can fail for an outside reason takes a `struct err *` (may be NULL) and
 * leaves a sentence there that names the source and the rule that was broken. Our own bugs and a
 * lack of memory never come here: they abort (mem.h). */
#pragma once

#include <stdarg.h>
#include <stdbool.h>

#define ERR_MAP(X)                           \
	X(INVALID, -5000, "invalid input")       \
	X(TOO_LARGE, -5001, "over a limit")      \
	X(NOT_FOUND, -5002, "not found")         \
	X(NETWORK, -5003, "network failed")      \
	X(HTTP, -5004, "unexpected HTTP status") \
	X(DATABASE, -5005, "database failed")    \
	X(CONFLICT, -5006, "conflict")           \
	X(LEASE_LOST, -5007, "lease lost")       \
	X(DENIED, -5008, "not allowed")          \
	X(CORRUPT, -5009, "corrupt data")        \
	X(UNSUPPORTED, -5010, "not supported")   \
	X(TIMEOUT, -5011, "time limit reached")  \
	X(CANCELLED, -5012, "cancelled")         \
	X(USAGE, -5013, "wrong use")             \
	X(HASH_MISMATCH, -5014, "hash differs")  \
	X(BUSY, -5015, "busy")

enum err_code {
#define ERR_ENUM(name, code, text) ERR_##name = (code),
	ERR_MAP(ERR_ENUM)
#undef ERR_ENUM
};

struct err {
	int code;
	char text[512];
};

/* Sets code and sentence (cut to fit, always terminated) and returns code, so that
 * `return err_set(e, ERR_INVALID, "%s:%d: …", file, line);` is one line. e may be NULL. */
int err_set(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
int err_setv(struct err *e, int code, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* Puts "prefix: " before the sentence that is there; returns e's code (or code if e is NULL). */
int err_prefix(struct err *e, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The name ("ERR_INVALID", "ENOENT"-like numbers for the system's) and the text of a code; static
 * or strerror's storage. */
const char *err_name(int code);
const char *err_text(int code);
