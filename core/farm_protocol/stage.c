#include "core/farm_protocol/stage.h"

static const char *const stage_names[STAGE_COUNT] = {
#define STAGE_NAME(name, text) [STAGE_##name] = (text),
	STAGE_MAP(STAGE_NAME)
#undef STAGE_NAME
};

static const char *const status_names[] = {
#define STATUS_NAME(name, text) [STAGE_STATUS_##name] = (text),
	STAGE_STATUS_MAP(STATUS_NAME)
#undef STATUS_NAME
};

enum { STATUS_COUNT = sizeof(status_names) / sizeof(*status_names) };

const char *stage_name(enum stage s)
{
	return s < STAGE_COUNT ? stage_names[s] : "";
}

bool stage_find(struct str name, enum stage *out)
{
	for (int i = 0; i < STAGE_COUNT; i++) {
		if (str_is(name, stage_names[i])) {
			*out = (enum stage)i;
			return true;
		}
	}
	return false;
}

const char *stage_status_name(enum stage_status s)
{
	return (size_t)s < STATUS_COUNT ? status_names[s] : "";
}

bool stage_status_find(struct str name, enum stage_status *out)
{
	for (int i = 0; i < STATUS_COUNT; i++) {
		if (str_is(name, status_names[i])) {
			*out = (enum stage_status)i;
			return true;
		}
	}
	return false;
}
