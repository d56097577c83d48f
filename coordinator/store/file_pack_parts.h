/* Shared by file_pack.c, which writes, and file_pack_read.c. */
#pragma once

enum {
	FILE_PACK_FORMAT = 1,
	PACK_KIND = 3, /* bits of the flags */
	PACK_YANKED = 4,
	PACK_SAME_VERSION = 8,
	PACK_SAME_RULE = 16,
	PACK_METADATA = 32,
	PACK_USUAL_URL = 64,
	PACK_ODD = 128,
	PACK_NO_SHA256 = 1, /* bits of the odd hashes */
	PACK_SHA256_TEXT = 2,
	PACK_METADATA_TEXT = 4,
	PACK_URL_PATH = 0, /* forms of the address */
	PACK_URL_NAME = 1,
	PACK_URL_TEXT = 2,
	PACK_PATH_TEXT = 67, /* "aa/bb/", 60 digits, "/" */
};

#define PACK_KINDS                \
	{                             \
		"wheel", "sdist", "other" \
	}
