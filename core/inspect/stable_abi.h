/* The Stable ABI of CPython (PEP 384, PEP 652; PEP 803 for free-threaded builds): which symbols an
 * extension tagged abi3 may import. The table is data, stable_abi.txt, turned into C by
 * stable_abi_generate.py. */
#pragma once

#include "core/base/str.h"

enum stable_abi_condition {
	STABLE_ABI_ANY,
	STABLE_ABI_WINDOWS, /* only Windows has it */
	STABLE_ABI_UNIX, /* only systems with fork have it */
	STABLE_ABI_DEBUG, /* only debug builds have it: no release to import it from */
};

struct stable_abi {
	const char *name;
	unsigned minor; /* Python 3.MINOR was the first to have it so */
	enum stable_abi_condition condition;
	bool is_opaque; /* abi3t has no use for it */
};

/* Generated; sorted by name. */
extern const struct stable_abi stable_abi_table[];
extern const size_t stable_abi_count;

/* NULL if the symbol is none of the Stable ABI. */
const struct stable_abi *stable_abi_find(struct str symbol);
/* Py… or _Py…, as all that CPython exports. */
bool stable_abi_is_python(struct str symbol);
