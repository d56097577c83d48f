#include "coordinator/verdict/broken.h"

#include <stdio.h>
#include <string.h>

bool broken_has_glibc(const char *platform, const char *glibc)
{
	unsigned major, minor, needed_major, needed_minor;
	if (sscanf(platform, "manylinux_%u_%u_", &major, &minor) != 2 ||
		sscanf(glibc, "%u.%u", &needed_major, &needed_minor) != 2) {
		return false;
	}
	return major > needed_major || (major == needed_major && minor >= needed_minor);
}

static int platform_of(
	struct broken_look *look, int64_t target, const char **platform, struct err *e)
{
	int code = 0;
	*platform = "";
	if (look->targets == NULL) {
		code = store_target_list(look->store, &look->arena, &look->targets, &look->target_count, e);
	}
	for (size_t i = 0; code == 0 && i < look->target_count; i++) {
		if (look->targets[i].id == target) {
			*platform = look->targets[i].platform;
		}
	}
	return code;
}

int broken_find(struct broken_look *look, const struct store_published *p, int64_t target,
	bool *out, struct err *e)
{
	const char *platform;
	int code = 0;
	*out = false;
	if (look->store == NULL || p->file_sha256 == NULL || strcmp(p->state, "wheel") != 0) {
		return 0;
	}
	if (look->sha256 == NULL || strcmp(look->sha256, p->file_sha256) != 0) {
		look->sha256 = p->file_sha256;
		code = store_wheel_errors_get(
			look->store, str_from(p->file_sha256), &look->arena, &look->errors, e);
	}
	const struct store_wheel_errors *errors = &look->errors;
	if (code == 0 && errors->broken != NULL) {
		*out = true;
		if (strcmp(errors->broken, "glibc_too_new") == 0 && errors->glibc != NULL) {
			code = platform_of(look, target, &platform, e);
			*out = code == 0 && !broken_has_glibc(platform, errors->glibc);
		}
	}
	if (code == 0 && errors->any && !*out) {
		code =
			store_wheel_fails(look->store, str_from(p->file_sha256), look->package, target, out, e);
	}
	return code;
}

void broken_look_finish(struct broken_look *look)
{
	arena_finish(&look->arena);
}
