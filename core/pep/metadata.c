#include "core/pep/metadata.h"

static const struct {
	const char *name;
	enum metadata_field field;
} fields[] = {
	{"Metadata-Version", METADATA_VERSION},
	{"Name", METADATA_NAME},
	{"Version", METADATA_PROJECT_VERSION},
	{"Requires-Dist", METADATA_REQUIRES_DIST},
	{"Requires-Python", METADATA_REQUIRES_PYTHON},
	{"Provides-Extra", METADATA_PROVIDES_EXTRA},
	{"Dynamic", METADATA_DYNAMIC},
	{"Requires-External", METADATA_REQUIRES_EXTERNAL},
	{"Summary", METADATA_SUMMARY},
	{"License-Expression", METADATA_LICENSE_EXPRESSION},
	{"Project-URL", METADATA_PROJECT_URL},
	{"Home-page", METADATA_HOME_PAGE},
};

enum { REQUIRED = METADATA_PROJECT_VERSION + 1 }; /* the first three are required, and once */

static enum metadata_field find_field(struct str name)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (str_equal_nocase(name, str_from(fields[i].name))) {
			return fields[i].field;
		}
	}
	return METADATA_OTHER;
}

/* The next line without its end; false when there is none. */
static bool next_line(struct str *rest, struct str *line)
{
	if (rest->n == 0 || !str_split(rest, '\n', line)) {
		return false;
	}
	if (line->n != 0 && line->p[line->n - 1] == '\r') {
		line->n--;
	}
	return true;
}

static bool is_continuation(struct str line)
{
	return line.n != 0 && (line.p[0] == ' ' || line.p[0] == '\t');
}

/* RFC 5322 section 2.2: printable ASCII without ':' before the colon. */
static bool split_header(struct str line, struct str *name, struct str *value)
{
	ptrdiff_t colon = str_find(line, ':');
	if (colon <= 0) {
		return false;
	}
	*name = str_slice(line, 0, (size_t)colon);
	for (size_t i = 0; i < name->n; i++) {
		unsigned char c = (unsigned char)name->p[i];
		if (c <= ' ' || c >= 0x7f) {
			return false;
		}
	}
	*value = str_trim(str_slice(line, (size_t)colon + 1, line.n));
	return true;
}

/* Joins the lines that continue *value; without any it stays the view it was. */
static void unfold(struct str *rest, struct str *value, struct buf *storage)
{
	bool folded = false;
	struct str behind = *rest, line;
	while (next_line(&behind, &line) && is_continuation(line)) {
		if (!folded) {
			buf_clear(storage);
			buf_add_str(storage, *value);
			folded = true;
		}
		line = str_trim(line);
		if (line.n != 0 && storage->n != 0) {
			buf_add_char(storage, ' ');
		}
		buf_add_str(storage, line);
		*rest = behind;
	}
	if (folded) {
		*value = buf_view(storage);
	}
}

int metadata_read(
	struct str text, const struct metadata_handler *handler, void *user, struct err *e)
{
	struct buf storage = {0};
	struct str rest = text, line, name, value;
	unsigned seen[REQUIRED] = {0};
	int code = 0;
	while (code == 0 && next_line(&rest, &line) && split_header(line, &name, &value)) {
		unfold(&rest, &value, &storage);
		enum metadata_field field = find_field(name);
		if ((int)field < REQUIRED && seen[field]++ != 0) {
			code = err_set(e, ERR_INVALID, "metadata: %s is given twice", fields[field].name);
			break;
		}
		code = handler->on_field(user, field, name, value, e);
	}
	for (int i = 0; code == 0 && i < REQUIRED; i++) {
		if (seen[i] == 0) {
			code = err_set(
				e, ERR_INVALID, "metadata: no %s (core metadata specification)", fields[i].name);
		}
	}
	buf_finish(&storage);
	return code;
}

/* --- PEP 643 --- */

struct statics {
	bool since; /* Metadata-Version is one that knows of Dynamic */
	struct buf version; /* as written, where it is not */
	enum metadata_field dynamic; /* the first that is, METADATA_OTHER: none */
};

/* From 2.2 on and below 3, of which nobody knows what it will mean. */
static bool knows_dynamic(struct str version)
{
	struct str rest = version, major = {0}, minor = {0};
	uint64_t a, b;
	return str_split(&rest, '.', &major) && str_split(&rest, '.', &minor) && rest.n == 0 &&
		str_to_u64(major, &a) && str_to_u64(minor, &b) && a == 2 && b >= 2;
}

static int on_static(
	void *user, enum metadata_field field, struct str name, struct str value, struct err *e)
{
	struct statics *s = user;
	if (field == METADATA_VERSION) {
		s->since = knows_dynamic(value);
		buf_add_utf8(&s->version, str_slice(value, 0, 20));
	} else if (field == METADATA_DYNAMIC && s->dynamic == METADATA_OTHER) {
		enum metadata_field told = find_field(value);
		bool counts = told == METADATA_REQUIRES_DIST || told == METADATA_PROVIDES_EXTRA ||
			told == METADATA_REQUIRES_PYTHON;
		s->dynamic = counts ? told : METADATA_OTHER;
	}
	return 0;
}

int metadata_check_static(struct str text, struct err *e)
{
	static const struct metadata_handler handler = {on_static};
	struct statics s = {.dynamic = METADATA_OTHER};
	int code = metadata_read(text, &handler, &s, e);
	if (code == 0 && !s.since) {
		code = err_set(e, ERR_UNSUPPORTED,
			"metadata: Metadata-Version is '%.*s', static ones are 2.2 and later (PEP 643)",
			STR_ARG(buf_view(&s.version)));
	} else if (code == 0 && s.dynamic != METADATA_OTHER) {
		code = err_set(
			e, ERR_UNSUPPORTED, "metadata: %s is dynamic (PEP 643)", fields[s.dynamic].name);
	}
	buf_finish(&s.version);
	return code;
}
