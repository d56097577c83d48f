#include "coordinator/check/lock.h"

/* Why the package is none of an index (PEP 751, "[packages.vcs]" and what follows); NULL: it is one. */
static const char *elsewhere(const struct toml_node *package)
{
	return toml_get(package, "vcs") != NULL      ? "a repository"
		: toml_get(package, "directory") != NULL ? "a folder"
		: toml_get(package, "archive") != NULL   ? "an archive at an address"
												 : NULL;
}

static int read_package(struct lock *l, const struct toml_node *package)
{
	struct lock_pin pin;
	int code = lock_pin_init(l, package, &pin);
	if (code == 0) {
		code = lock_applies(l, toml_get(package, "marker"), &pin.applies);
	}
	if (code != 0 || pin.applies == 0) {
		return code;
	}
	if (elsewhere(package) != NULL) {
		lock_skip(l, package, elsewhere(package), pin.name);
		return 0;
	}
	pin.python = toml_get_text(package, "requires-python");
	TOML_EACH(wheel, toml_get_kind(package, "wheels", TOML_ARRAY))
	{
		lock_pin_file(l, &pin, wheel);
	}
	if (toml_get_kind(package, "sdist", TOML_TABLE) != NULL) {
		lock_pin_file(l, &pin, toml_get(package, "sdist"));
	}
	code = lock_pin_add(l, &pin);
	lock_pin_finish(&pin);
	return code;
}

int pylock_read(struct lock *l)
{
	const struct toml_node *version = toml_get(l->root, "lock-version");
	/* "If a tool doesn't support a major version, it MUST raise an error." */
	if (version->kind != TOML_TEXT || !str_starts(version->text, "1.")) {
		return lock_fail(l, version, "lock-version: only 1 is known (PEP 751)");
	}
	lock_python(l, toml_get_text(l->root, "requires-python"));
	int code = lock_applies_any(
		l, toml_get_kind(l->root, "environments", TOML_ARRAY), &l->about->made_for);
	TOML_EACH(package, toml_get_kind(l->root, "packages", TOML_ARRAY))
	{
		if (code == 0) {
			code = read_package(l, package);
		}
	}
	return code;
}
