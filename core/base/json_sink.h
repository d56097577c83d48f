/* The events of a JSON text (RFC 8259), as a reader sends them to whoever is interested. The reader
 * is core/io/json.h; parsers of documents (core/pep/simple_page.h) are sinks and know no library.
 *
 * Each callback returns 0 to go on, or a negative error with `e` set to stop the reader, which then
 * returns it. Views live as long as the text that is read. Strings and keys end in a zero byte; numbers
 * come as their text. */
#pragma once

#include "core/base/str.h"

struct json_sink {
	int (*object_begin)(void *user, struct err *e);
	int (*object_key)(void *user, struct str key, struct err *e);
	int (*object_end)(void *user, struct err *e);
	int (*array_begin)(void *user, struct err *e);
	int (*array_end)(void *user, struct err *e);
	int (*string)(void *user, struct str value, struct err *e);
	int (*number)(void *user, struct str text, struct err *e);
	int (*boolean)(void *user, bool value, struct err *e);
	int (*null)(void *user, struct err *e);
};
