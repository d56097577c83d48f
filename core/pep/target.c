#include "core/pep/target.h"

#include "core/pep/ascii.h"
#include "core/pep/version.h"

#include <stdio.h>
#include <string.h>

static bool copy_text(char *out, size_t capacity, struct str s)
{
	if (s.n >= capacity || (s.n != 0 && memchr(s.p, '\0', s.n) != NULL)) {
		return false;
	}
	if (s.n != 0) {
		memcpy(out, s.p, s.n);
	}
	out[s.n] = '\0';
	return true;
}

/* "cp313t" */
static bool parse_python(struct str python, struct pep_target *out)
{
	int minor;
	if (!ascii_take_text(&python, "cp3") || !ascii_take_number(&python, &minor) || minor < 2 ||
		minor > 99) {
		return false;
	}
	out->python_major = 3;
	out->python_minor = minor;
	out->free_threaded = ascii_take_text(&python, "t");
	return python.n == 0;
}

/* Names are written in one way only. */
static bool has_capitals(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != ascii_lower(s.p[i])) {
			return true;
		}
	}
	return false;
}

static bool is_arch(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '_') {
			return false;
		}
	}
	return s.n != 0;
}

/* "manylinux_2_28_aarch64", "musllinux_1_2_aarch64", "win_arm64" */
static bool parse_platform(struct str platform, struct pep_target *out)
{
	static const struct {
		const char *prefix;
		enum tag_platform platform;
		int libc_major; /* 0: the name has no version */
	} kinds[] = {
		{"manylinux_", TAG_MANYLINUX, 2},
		{"musllinux_", TAG_MUSLLINUX, 1},
		{"win_", TAG_WINDOWS, 0},
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!ascii_take_text(&platform, kinds[i].prefix)) {
			continue;
		}
		out->platform = kinds[i].platform;
		if (kinds[i].libc_major != 0) {
			bool versioned = ascii_take_number(&platform, &out->libc_major) &&
				ascii_take_text(&platform, "_") && ascii_take_number(&platform, &out->libc_minor) &&
				ascii_take_text(&platform, "_");
			if (!versioned || out->libc_major != kinds[i].libc_major) {
				return false;
			}
		}
		return is_arch(platform) && copy_text(out->arch, sizeof out->arch, platform);
	}
	return false;
}

static void set_marker(struct pep_target *t, enum marker_variable variable, const char *value)
{
	snprintf(t->markers[variable], sizeof t->markers[variable], "%s", value);
}

/* platform.machine() on Windows is what the system calls the processor. */
static const char *machine(const struct pep_target *t)
{
	if (t->platform != TAG_WINDOWS) {
		return t->arch;
	}
	if (strcmp(t->arch, "arm64") == 0) {
		return "ARM64";
	}
	return strcmp(t->arch, "amd64") == 0 ? "AMD64" : t->arch;
}

static void set_full_version(struct pep_target *t, const char *version)
{
	snprintf(t->full_version, sizeof t->full_version, "%s", version);
	set_marker(t, MARKER_PYTHON_FULL_VERSION, version);
	set_marker(t, MARKER_IMPLEMENTATION_VERSION, version);
}

static void set_markers(struct pep_target *t)
{
	bool windows = t->platform == TAG_WINDOWS;
	char version[PEP_TARGET_TEXT];
	snprintf(version, sizeof version, "%d.%d", t->python_major, t->python_minor);
	set_marker(t, MARKER_PYTHON_VERSION, version);
	snprintf(version, sizeof version, "%d.%d.0", t->python_major, t->python_minor);
	set_full_version(t, version);
	set_marker(t, MARKER_IMPLEMENTATION_NAME, t->implementation);
	set_marker(t, MARKER_PLATFORM_PYTHON_IMPLEMENTATION, "CPython");
	set_marker(t, MARKER_OS_NAME, windows ? "nt" : "posix");
	set_marker(t, MARKER_PLATFORM_SYSTEM, windows ? "Windows" : "Linux");
	set_marker(t, MARKER_SYS_PLATFORM, windows ? "win32" : "linux");
	set_marker(t, MARKER_PLATFORM_MACHINE, machine(t));
}

int pep_target_parse(struct str name, struct pep_target *out, struct err *e)
{
	*out = (struct pep_target){.implementation = "cpython"};
	struct str rest = name, python = {0};
	bool fits = name.n != 0 && !has_capitals(name) &&
		copy_text(out->name, sizeof out->name, name) && str_split(&rest, '-', &python) &&
		parse_python(python, out) && parse_platform(rest, out) &&
		(!out->free_threaded || out->python_minor >= 13);
	if (!fits) {
		return err_set(e, ERR_INVALID,
			"'%.*s' is not a target: PYTHON-PLATFORM, as cp313-win_arm64 or "
			"cp313t-manylinux_2_28_aarch64",
			STR_ARG(name));
	}
	set_markers(out);
	return 0;
}

int pep_target_set_full_version(struct pep_target *t, struct str version, struct err *e)
{
	struct version v, own;
	char text[PEP_TARGET_TEXT];
	int code = version_parse(version, &v, e);
	if (code < 0) {
		return code;
	}
	if (version_parse(str_from(t->markers[MARKER_PYTHON_VERSION]), &own, e) < 0 ||
		!version_has_prefix(&v, &own, 2) || !copy_text(text, sizeof text, v.text)) {
		return err_set(e, ERR_INVALID, "'%.*s' is not a version of the Python of target %s",
			STR_ARG(version), t->name);
	}
	set_full_version(t, text);
	return 0;
}

int pep_target_set_marker(
	struct pep_target *t, struct str variable, struct str value, struct err *e)
{
	int which = marker_variable_find(variable);
	if (which < 0) {
		return err_set(
			e, ERR_INVALID, "'%.*s' is not a marker variable (PEP 508)", STR_ARG(variable));
	}
	if (!copy_text(t->markers[which], sizeof t->markers[which], value)) {
		return err_set(e, ERR_TOO_LARGE, "marker value of %.*s is over %d bytes", STR_ARG(variable),
			PEP_TARGET_TEXT - 1);
	}
	return 0;
}

struct tag_target pep_target_tags(const struct pep_target *t)
{
	return (struct tag_target){
		.python_major = t->python_major,
		.python_minor = t->python_minor,
		.free_threaded = t->free_threaded,
		.platform = t->platform,
		.libc_major = t->libc_major,
		.libc_minor = t->libc_minor,
		.arch = str_from(t->arch),
	};
}

struct marker_environment pep_target_environment(const struct pep_target *t)
{
	struct marker_environment environment = {0};
	for (int i = 0; i < MARKER_VARIABLE_COUNT; i++) {
		environment.values[i] = str_from(t->markers[i]);
	}
	return environment;
}

struct str pep_target_platform(const struct pep_target *t)
{
	struct str rest = str_from(t->name), python;
	str_split(&rest, '-', &python);
	return rest;
}

void pep_target_abi(const struct pep_target *t, char out[static 16])
{
	snprintf(out, 16, "cp%d%d%s", t->python_major, t->python_minor, t->free_threaded ? "t" : "");
}
