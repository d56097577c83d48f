/* One project's page (PEP 691 with the fields of PEP 700), made from its name and a seed. */
#pragma once

#include "core/base/str.h"

#include "tests/index/random.h"

struct page_wish {
	const char *name; /* normalised */
	uint32_t files;
	uint64_t seed;
	bool one_more; /* a further release beside them, as on the day after */
};

struct page_facts {
	uint64_t serial;
	uint32_t files;
};

/* Appends the page's JSON to `out`. */
void page_make(const struct page_wish *w, struct buf *out, struct page_facts *facts);
