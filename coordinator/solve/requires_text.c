#include "coordinator/solve/requires_text.h"

#include "core/pep/metadata.h"
#include "core/pep/name.h"
#include "core/pep/version.h"

struct writing {
	struct str name;
	struct version version;
	struct buf *out;
	size_t start;
};

static int add(struct writing *w, char kind, struct str value, struct err *e)
{
	if (w->out->n - w->start + value.n > REQUIRES_TEXT_MOST) {
		return err_set(
			e, ERR_TOO_LARGE, "metadata: over %d bytes of requirements", REQUIRES_TEXT_MOST);
	}
	buf_add_char(w->out, kind);
	buf_add_char(w->out, ' ');
	buf_add_utf8(w->out, value);
	buf_add_char(w->out, '\n');
	return 0;
}

static int on_field(
	void *user, enum metadata_field field, struct str name, struct str value, struct err *e)
{
	struct writing *w = user;
	struct version v;
	switch (field) {
	case METADATA_NAME:
		return name_equal(value, w->name)
			? 0
			: err_set(e, ERR_INVALID, "metadata: is of '%.*s'", STR_ARG(value));
	case METADATA_PROJECT_VERSION:
		if (version_parse(value, &v, NULL) != 0 || version_compare(&v, &w->version) != 0) {
			return err_set(e, ERR_INVALID, "metadata: is of version '%.*s'", STR_ARG(value));
		}
		return 0;
	case METADATA_REQUIRES_PYTHON:
		return add(w, 'P', value, e);
	case METADATA_PROVIDES_EXTRA:
		return add(w, 'E', value, e);
	case METADATA_REQUIRES_DIST:
		return add(w, 'R', value, e);
	default:
		return 0;
	}
}

int requires_text_write(
	struct str metadata, struct str name, struct str version, struct buf *out, struct err *e)
{
	static const struct metadata_handler handler = {.on_field = on_field};
	struct writing w = {.name = name, .out = out, .start = out->n};
	if (metadata.n > REQUIRES_METADATA_MOST) {
		return err_set(e, ERR_TOO_LARGE, "metadata: over %d bytes", REQUIRES_METADATA_MOST);
	}
	int code = version_parse(version, &w.version, e);
	if (code == 0) {
		code = metadata_read(metadata, &handler, &w, e);
	}
	if (code != 0) {
		out->n = w.start;
	}
	return code;
}

int requires_text_write_sdist(
	struct str pkg_info, struct str name, struct str version, struct buf *out, struct err *e)
{
	size_t start = out->n;
	int code = requires_text_write(pkg_info, name, version, out, e);
	code = code == 0 ? metadata_check_static(pkg_info, e) : code;
	if (code != 0) {
		out->n = start;
	}
	return code;
}

void requires_text_unknown(struct str why, struct buf *out)
{
	struct str line, rest = why;
	buf_add_text(out, "U ");
	buf_add_utf8(out, str_split(&rest, '\n', &line) ? line : STR("nobody knows"));
	buf_add_char(out, '\n');
}

bool requires_text_next(struct str *rest, char *kind, struct str *value)
{
	struct str line;
	while (str_split(rest, '\n', &line)) {
		if (line.n > 2) {
			*kind = line.p[0];
			*value = str_slice(line, 2, line.n);
			return true;
		}
	}
	return false;
}
