#include "web/assets.h"

const struct asset *asset_find(struct str address)
{
	for (size_t i = 0; i < asset_count; i++) {
		if (str_is(address, assets[i].address)) {
			return &assets[i];
		}
	}
	return NULL;
}
