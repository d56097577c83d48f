#include "core/farm_protocol/check.h"

#include "core/io/sha256.h"

#include <inttypes.h>
#include <string.h>

int check_text(const char *path, const char *value, struct err *e)
{
	if (value == NULL || value[0] == '\0') {
		return err_set(e, ERR_INVALID, "%s: is empty", path);
	}
	if (strlen(value) > CHECK_TEXT) {
		return err_set(e, ERR_INVALID, "%s: is longer than %d bytes", path, CHECK_TEXT);
	}
	for (const char *c = value; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			return err_set(e, ERR_INVALID, "%s: has a control character", path);
		}
	}
	return 0;
}

int check_word(const char *path, const char *value, const char *const *words, struct err *e)
{
	if (value != NULL) {
		for (size_t i = 0; words[i] != NULL; i++) {
			if (strcmp(value, words[i]) == 0) {
				return 0;
			}
		}
	}
	return err_set(e, ERR_INVALID, "%s: unknown word \"%.60s\"", path, value != NULL ? value : "");
}

int check_mode(const char *path, const char *value, struct err *e)
{
	static const char *const modes[] = {"cross", "native", "emulated", NULL};
	return check_word(path, value, modes, e);
}

int check_sha256(const char *path, const char *value, struct err *e)
{
	if (value == NULL || !sha256_hex_valid(str_from(value))) {
		return err_set(e, ERR_INVALID, "%s: is no SHA-256 (64 lower-case hex digits)", path);
	}
	return 0;
}

static bool may_be_named(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '.' ||
		c == '_' || c == '+' || c == '-' || c == '!';
}

int check_filename(const char *path, const char *value, struct err *e)
{
	size_t length = value != NULL ? strlen(value) : 0;
	if (length == 0 || length > 255 || value[0] == '.' || value[0] == '-') {
		return err_set(e, ERR_INVALID, "%s: is no plain file name", path);
	}
	for (size_t i = 0; i < length; i++) {
		if (!may_be_named(value[i])) {
			return err_set(
				e, ERR_INVALID, "%s: has a character that no file name here may have", path);
		}
	}
	return 0;
}

int check_range(const char *path, int64_t value, int64_t low, int64_t high, struct err *e)
{
	if (value < low || value > high) {
		return err_set(e, ERR_INVALID, "%s: %" PRId64 " is not in %" PRId64 " to %" PRId64, path,
			value, low, high);
	}
	return 0;
}
