#include "core/inspect/policy.h"

#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>

static bool listed(const char *const *list, struct str text)
{
	for (; *list != NULL; list++) {
		if (str_is(text, *list)) {
			return true;
		}
	}
	return false;
}

/* "2_17_aarch64" → 2, 17, "aarch64" */
static bool take_version(struct str text, unsigned *major, unsigned *minor, struct str *machine)
{
	struct str part;
	uint64_t numbers[2];
	for (size_t i = 0; i < 2; i++) {
		if (!str_split(&text, '_', &part) || !str_to_u64(part, &numbers[i]) || numbers[i] > 9999) {
			return false;
		}
	}
	*major = (unsigned)numbers[0];
	*minor = (unsigned)numbers[1];
	*machine = text;
	return text.n != 0;
}

const struct policy *policy_find(struct str platform)
{
	static const struct {
		const char *prefix;
		unsigned major, minor; /* 0: they follow */
		bool is_musl;
	} rows[] = {
		{"manylinux1_", 2, 5, false},
		{"manylinux2010_", 2, 12, false},
		{"manylinux2014_", 2, 17, false},
		{"manylinux_", 0, 0, false},
		{"musllinux_", 0, 0, true},
	};
	const struct policy *found = NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && found == NULL; i++) {
		if (!str_starts(platform, rows[i].prefix)) {
			continue;
		}
		unsigned major = rows[i].major, minor = rows[i].minor;
		struct str machine = str_slice(platform, strlen(rows[i].prefix), platform.n);
		if (major == 0 && !take_version(machine, &major, &minor, &machine)) {
			continue;
		}
		for (const struct policy *p = policy_first(machine, rows[i].is_musl);
			 p != NULL && (p->major < major || (p->major == major && p->minor <= minor));
			 p = policy_next(p)) {
			found = p;
		}
	}
	return found;
}

static const struct policy *search(const struct policy *p, struct str machine, bool is_musl)
{
	while (p->name != NULL && (p->is_musl != is_musl || !str_is(machine, p->machine))) {
		p++;
	}
	return p->name != NULL ? p : NULL;
}

const struct policy *policy_first(struct str machine, bool is_musl)
{
	return search(policy_table, machine, is_musl);
}

const struct policy *policy_next(const struct policy *p)
{
	return search(p + 1, str_from(p->machine), p->is_musl);
}

bool policy_allows_library(const struct policy *p, struct str soname)
{
	/* the data says libc.so for musl, whose file is called libc.musl-MACHINE.so.1 on Alpine */
	return str_starts(soname, "ld-linux") || str_starts(soname, "ld-musl-") ||
		(p->is_musl && str_starts(soname, "libc.musl-")) || listed(p->libraries, soname);
}

bool policy_allows_version(const struct policy *p, struct str version)
{
	ptrdiff_t line = str_find(version, '_');
	if (line < 0) {
		return true;
	}
	struct str prefix = str_slice(version, 0, (size_t)line);
	for (const struct policy_symbols *s = p->symbols; s->prefix != NULL; s++) {
		if (str_is(prefix, s->prefix)) {
			return listed(s->versions, str_slice(version, (size_t)line + 1, version.n));
		}
	}
	return true;
}

bool policy_allows_symbol(const struct policy *p, struct str soname, struct str symbol)
{
	for (const struct policy_private *list = p->privates; list->library != NULL; list++) {
		if (str_is(soname, list->library) && listed(list->symbols, symbol)) {
			return false;
		}
	}
	return true;
}

bool policy_glibc_version(struct str version, unsigned *major, unsigned *minor)
{
	uint64_t numbers[2];
	struct str part;
	if (!str_starts(version, "GLIBC_")) {
		return false;
	}
	struct str rest = str_slice(version, strlen("GLIBC_"), version.n);
	for (size_t i = 0; i < 2; i++) {
		if (!str_split(&rest, '.', &part) || !str_to_u64(part, &numbers[i]) || numbers[i] > 9999) {
			return false;
		}
	}
	*major = (unsigned)numbers[0];
	*minor = (unsigned)numbers[1]; /* a third number (2.2.5) does not matter to anybody */
	return true;
}

static int compare_names(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *)row);
}

static bool sorted_has(const char *const *names, size_t count, const char *name)
{
	return bsearch(name, names, count, sizeof(names[0]), compare_names) != NULL;
}

bool policy_knows_symbol(struct str symbol)
{
	char name[64];
	if (symbol.n >= sizeof(name)) {
		return false; /* none is that long */
	}
	memcpy(name, symbol.p, symbol.n);
	name[symbol.n] = '\0';
	return sorted_has(policy_private_names, policy_private_count, name);
}

bool policy_windows_has(struct str dll)
{
	char name[128];
	if (dll.n == 0 || dll.n >= sizeof(name)) {
		return false;
	}
	for (size_t i = 0; i < dll.n; i++) {
		char c = dll.p[i];
		name[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	name[dll.n] = '\0';
	return strncmp(name, "api-ms-", 7) == 0 || strncmp(name, "ext-ms-", 7) == 0 ||
		sorted_has(policy_windows_dlls, policy_windows_dll_count, name);
}
