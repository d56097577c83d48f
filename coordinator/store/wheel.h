/* Reports on published wheels, by the SHA-256 of the file. */
#pragma once

#include "coordinator/store/store.h"
#include "core/base/mem.h"

struct store_wheel {
	const char *sha256;
	const char *filename;
	int64_t package; /* that publishes it */
	int64_t rules; /* WHEEL_RULES of what judged it */
	int64_t columns; /* WHEEL_COLUMNS of what made the rest out of the report */
	const char *depth; /* "headers", "full" */
	int64_t inspected; /* wall ms */
	int64_t size;
	const char *machine; /* NULL: no binary */
	const char *glibc; /* NULL: none */
	int64_t page_size; /* 0: no ELF binary for aarch64 */
	const char *bundled; /* JSON array of names */
	int64_t errors, warnings;
	const char *worst; /* code; NULL: no problem */
	const char *problems; /* JSON array of {code, severity, path, detail}, worst first */
	const char *broken; /* code; NULL: it is not */
	struct str report; /* JSON */
};

/* Writes. Takes the place of an older report on the file. */
int store_wheel_put(struct store *s, const struct store_wheel *w, struct err *e);
/* ERR_NOT_FOUND if nobody looked at it; ERR_CORRUPT if what is stored is damaged. */
int store_wheel_get(struct store *s, struct str sha256, struct arena *arena,
	struct store_wheel *out, struct err *e);
/* Is there a report by these rules, at full depth if `full`? */
int store_wheel_known(
	struct store *s, struct str sha256, int64_t rules, bool full, bool *out, struct err *e);
/* Errors in its bytes. In an arena. */
struct store_wheel_errors {
	bool any;
	const char *broken; /* why no import of it can work; NULL: nothing says so */
	const char *glibc; /* then its floor, or NULL */
};
int store_wheel_errors_get(struct store *s, struct str sha256, struct arena *arena,
	struct store_wheel_errors *out, struct err *e);
/* Did a run of it on that target end as an error in its bytes has it? */
int store_wheel_fails(
	struct store *s, struct str sha256, int64_t package, int64_t target, bool *out, struct err *e);
/* Some wheel whose columns are not of this version; NULL: none. */
int store_wheel_stale(
	struct store *s, int64_t columns, struct arena *arena, const char **sha256, struct err *e);
