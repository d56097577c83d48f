/* Where blobs lie: apart from what is done with them, as an agent only looks. */
#include "core/io/blob_paths.h"

#include "core/base/mem.h"

void blob_check_hex(struct str hex)
{
	if (!sha256_hex_valid(hex)) {
		mem_bug("'%.*s' is not the name of a blob", STR_ARG(hex));
	}
}

char *blob_store_path(const struct blob_store *s, struct str hex)
{
	blob_check_hex(hex);
	return str_format("%s/%.2s/%.62s", s->folder, hex.p, hex.p + 2);
}

char *blob_partial_path(const struct blob_store *s, struct str hex)
{
	blob_check_hex(hex);
	return str_format("%s/partial/%.64s", s->folder, hex.p);
}
