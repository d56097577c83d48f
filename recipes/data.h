/* What the loaders of the recipe tree share: the files of a folder, copies of texts, and the line of
 * a file that a sentence is about. */
#pragma once

#include "core/base/mem.h"
#include "core/io/json_tree.h"

/* The NAME of each NAME.yaml in a folder, sorted, as texts in `arena`; hidden files are left out. An
 * absent folder is ERR_NOT_FOUND. */
int data_list(const char *folder, struct arena *arena, struct json_texts *out, struct err *e);

/* One file of a set: fills the item (zeroed), texts in `arena`. `name` is the file's, without .yaml. */
typedef int (*data_load_fn)(
	void *item, struct arena *arena, const char *path, const char *name, struct err *e);
/* Those of FOLDER/KIND in the order of data_list, an array of items of `size` bytes in `arena`; the count is
 * of those that were loaded before an error. */
int data_load(const char *folder, const char *kind, size_t size, data_load_fn load,
	struct arena *arena, void **out, size_t *count, struct err *e);

/* The whole file, at most 1 MiB. The caller finishes out. */
int data_read(const char *file, struct buf *out, struct err *e);

/* Copies; NULL stays NULL. */
const char *data_text(struct arena *arena, const char *text);
struct json_texts data_texts(struct arena *arena, char *const *v, size_t n);

/* The number of the first line that has `key:` (with "- " before it or not) and, if `value` is not
 * NULL, that value on the same line or as a list item ("- value") after it; of the key alone if the
 * value is nowhere; 1 without both. */
int data_line(struct str text, const char *key, const char *value);

/* ERR_INVALID with "FILE:LINE: …". */
int data_error(struct err *e, const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
