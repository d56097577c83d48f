/* The files that pages link, embedded at build time by web/embed.py. */
#pragma once

#include "reports/page.h"

struct asset {
	const char *address; /* "/assets/style-0123456789ab.css": the hash is of the content */
	const char *type;
	const unsigned char *plain;
	size_t plain_size;
	const unsigned char *packed; /* gzip of the same */
	size_t packed_size;
};

extern const struct asset assets[];
extern const size_t asset_count;
extern const struct page_assets asset_addresses;

const struct asset *asset_find(struct str address); /* NULL if there is none */
