#include "reports/words.h"

#include "core/base/clock.h"
#include "core/farm_protocol/reason.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void words_time(struct buf *out, int64_t wall_ms)
{
	if (wall_ms == 0) {
		return;
	}
	char text[CLOCK_TEXT];
	clock_text(wall_ms, text);
	buf_add(out, text, 10);
	buf_add_char(out, ' ');
	buf_add(out, text + 11, 5);
	buf_add_text(out, " UTC");
}

void words_date(struct buf *out, int64_t wall_ms)
{
	if (wall_ms == 0) {
		return;
	}
	char text[CLOCK_TEXT];
	clock_text(wall_ms, text);
	buf_add(out, text, 10);
}

void words_ago(struct buf *out, int64_t wall_ms, int64_t now)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {
		{365 * 86400, "year"},
		{30 * 86400, "month"},
		{86400, "day"},
		{3600, "hour"},
		{60, "minute"},
	};
	int64_t seconds = (now - wall_ms) / 1000;
	int64_t distance = seconds < 0 ? -seconds : seconds;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		int64_t n = distance / units[i].seconds;
		if (n > 0) {
			buf_printf(out, "%s%" PRId64 " %s%s%s", seconds < 0 ? "in " : "", n, units[i].name,
				n == 1 ? "" : "s", seconds < 0 ? "" : " ago");
			return;
		}
	}
	buf_add_text(out, "just now");
}

void words_seconds(struct buf *out, double seconds)
{
	if (!(seconds >= 0) || seconds > 1e9) {
		buf_add_text(out, "?");
	} else if (seconds < 0.9995) {
		buf_printf(out, "%.0f ms", seconds * 1000);
	} else if (seconds < 59.95) {
		buf_printf(out, "%.1f s", seconds);
	} else {
		int64_t s = (int64_t)(seconds + 0.5);
		if (s < 3600) {
			buf_printf(out, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
		} else {
			buf_printf(out, "%" PRId64 " h %" PRId64 " min", s / 3600, s % 3600 / 60);
		}
	}
}

void words_bytes(struct buf *out, int64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	if (bytes < 1024) {
		buf_printf(out, "%" PRId64 " byte%s", bytes, bytes == 1 ? "" : "s");
		return;
	}
	double size = (double)bytes / 1024;
	size_t unit = 0;
	while (size >= 1023.95 && unit + 1 < sizeof(units) / sizeof(*units)) {
		size /= 1024;
		unit++;
	}
	buf_printf(out, "%.1f %s", size, units[unit]);
}

void words_count(struct buf *out, int64_t count)
{
	if (count >= 999950000) {
		buf_printf(out, "%.1f billion", (double)count / 1e9);
	} else if (count >= 1000000) {
		buf_printf(out, "%.1f million", (double)count / 1e6);
	} else if (count >= 1000) {
		buf_printf(out, "%" PRId64 ",%03" PRId64, count / 1000, count % 1000);
	} else {
		buf_printf(out, "%" PRId64, count);
	}
}

/* "28_aarch64" behind "manylinux_2_": true, and *rest behind the underscore. */
static bool take_number(struct str *rest, struct str *number)
{
	uint64_t value;
	return str_split(rest, '_', number) && str_to_u64(*number, &value) && rest->n != 0;
}

/* "manylinux_2_28_aarch64" of the family "manylinux_" as words: false if it is of no such form. */
static bool linux_platform(
	struct buf *out, struct str platform, const char *family, const char *libc)
{
	struct str rest = str_slice(platform, strlen(family), platform.n);
	struct str major, minor;
	if (!str_starts(platform, family) || !take_number(&rest, &major) ||
		!take_number(&rest, &minor)) {
		return false;
	}
	buf_add_text(out, "Linux ");
	buf_add_str(out, rest);
	buf_add_text(out, libc);
	buf_add_str(out, major);
	buf_add_char(out, '.');
	buf_add_str(out, minor);
	buf_add_char(out, '+');
	return true;
}

void words_platform(struct buf *out, const char *platform)
{
	struct str text = str_from(platform);
	if (str_is(text, "win_arm64")) {
		buf_add_text(out, "Windows on ARM");
	} else if (!linux_platform(out, text, "manylinux_", ", glibc ") &&
		!linux_platform(out, text, "musllinux_", ", musl ")) {
		buf_add_str(out, text);
	}
}

void words_python(struct buf *out, const char *target)
{
	struct str minor = str_from(target);
	size_t n = 3;
	while (n < minor.n && minor.p[n] >= '0' && minor.p[n] <= '9') {
		n++;
	}
	if (str_starts(minor, "cp3") && n > 3) {
		buf_add_text(out, "CPython 3.");
		buf_add(out, target + 3, n - 3);
		buf_add_text(out, target[n] == 't' ? "t" : "");
	}
}

const char *words_family(const char *target)
{
	const char *platform = words_target_platform(target);
	if (strncmp(platform, "win", 3) == 0) {
		return "Windows ARM64";
	}
	return strncmp(platform, "musl", 4) == 0 ? "musl ARM64" : "Linux ARM64";
}

const char *words_target_platform(const char *target)
{
	const char *dash = strchr(target, '-');
	return dash != NULL ? dash + 1 : target;
}

enum headline words_headline(const char *word_or_null)
{
	enum headline h = HEADLINE_UNKNOWN;
	return headline_find(str_from(word_or_null), &h) ? h : HEADLINE_UNKNOWN;
}

const char *words_headline_sentence(enum headline h)
{
	switch (h) {
	case HEADLINE_READY:
		return "A published wheel fits.";
	case HEADLINE_DEGRADED:
		return "Installs, but without the compiled part that other platforms get.";
	case HEADLINE_BUILDS:
		return "No published wheel; this farm built one.";
	case HEADLINE_BLOCKED:
		return "Its own wheel fits, but a dependency has none.";
	case HEADLINE_BROKEN:
		return "A wheel is published, and it does not work.";
	case HEADLINE_VANISHED:
		return "An earlier release had a wheel, the newest has none.";
	case HEADLINE_MISSING:
		return "No wheel fits.";
	case HEADLINE_NOT_APPLICABLE:
		return "Out of scope here, or no release admits this Python.";
	case HEADLINE_UNKNOWN:
	case HEADLINE_COUNT:
		break;
	}
	return "Not looked at yet, or nothing could be concluded.";
}

const char *words_reason(const char *code_or_null)
{
	enum reason r;
	if (code_or_null == NULL) {
		return "";
	}
	return reason_find(str_from(code_or_null), &r) ? reason_text(r) : code_or_null;
}

const char *words_job_state(const char *state_or_null)
{
	return state_or_null != NULL && strcmp(state_or_null, "leased") == 0 ? "running"
																		 : state_or_null;
}

const char *words_owner(const char *owner_or_null)
{
	static const char *const words[][2] = {
		{"package", "the package"},
		{"toolchain", "the toolchain"},
		{"dependency", "a dependency"},
		{"recipe", "the recipe"},
		{"farm", "this farm"},
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (owner_or_null != NULL && strcmp(owner_or_null, words[i][0]) == 0) {
			return words[i][1];
		}
	}
	return "nobody yet";
}
