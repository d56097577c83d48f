#include "core/inspect/stable_abi.h"

const struct stable_abi *stable_abi_find(struct str symbol)
{
	size_t from = 0, to = stable_abi_count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = str_compare(symbol, str_from(stable_abi_table[middle].name));
		if (order == 0) {
			return &stable_abi_table[middle];
		}
		if (order < 0) {
			to = middle;
		} else {
			from = middle + 1;
		}
	}
	return NULL;
}

bool stable_abi_is_python(struct str symbol)
{
	return str_starts(symbol, "Py") || str_starts(symbol, "_Py");
}
