#include "core/pep/simple_page.h"

#include "core/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The shape of a page is the table below: which key, in which place, may have which types, and what
 * place its object or array opens. The callbacks only walk it. */

enum type {
	TYPE_OBJECT = 1,
	TYPE_ARRAY = 2,
	TYPE_STRING = 4,
	TYPE_NUMBER = 8,
	TYPE_BOOL = 16,
	TYPE_NULL = 32,
};

enum place {
	PLACE_IGNORED, /* below an unknown key */
	PLACE_PAGE,
	PLACE_META,
	PLACE_STATUS,
	PLACE_FILES,
	PLACE_FILE,
	PLACE_HASHES,
	PLACE_CORE_METADATA,
	PLACE_DIST_INFO_METADATA,
};

enum field {
	FIELD_IGNORED,
	FIELD_NAME,
	FIELD_META,
	FIELD_FILES,
	FIELD_PROJECT_STATUS,
	FIELD_API_VERSION,
	FIELD_LAST_SERIAL,
	FIELD_STATUS,
	FIELD_REASON,
	FIELD_FILENAME, /* from here on: of one file */
	FIELD_URL,
	FIELD_HASHES,
	FIELD_SHA256,
	FIELD_REQUIRES_PYTHON,
	FIELD_SIZE,
	FIELD_YANKED,
	FIELD_UPLOAD_TIME,
	FIELD_CORE_METADATA,
	FIELD_CORE_METADATA_SHA256,
	FIELD_DIST_INFO_METADATA, /* the old name, PEP 714 */
	FIELD_DIST_INFO_METADATA_SHA256,
	FIELD_PROVENANCE,
	FIELD_COUNT
};

static const struct rule {
	enum place place;
	const char *key;
	int types;
	enum place opens;
} rules[FIELD_COUNT] = {
	[FIELD_NAME] = {PLACE_PAGE, "name", TYPE_STRING, PLACE_IGNORED},
	[FIELD_META] = {PLACE_PAGE, "meta", TYPE_OBJECT, PLACE_META},
	[FIELD_FILES] = {PLACE_PAGE, "files", TYPE_ARRAY, PLACE_FILES},
	[FIELD_PROJECT_STATUS] = {PLACE_PAGE, "project-status", TYPE_OBJECT | TYPE_NULL, PLACE_STATUS},
	[FIELD_API_VERSION] = {PLACE_META, "api-version", TYPE_STRING, PLACE_IGNORED},
	[FIELD_LAST_SERIAL] = {PLACE_META, "_last-serial", TYPE_STRING | TYPE_NUMBER | TYPE_NULL,
		PLACE_IGNORED},
	[FIELD_STATUS] = {PLACE_STATUS, "status", TYPE_STRING | TYPE_NULL, PLACE_IGNORED},
	[FIELD_REASON] = {PLACE_STATUS, "reason", TYPE_STRING | TYPE_NULL, PLACE_IGNORED},
	[FIELD_FILENAME] = {PLACE_FILE, "filename", TYPE_STRING, PLACE_IGNORED},
	[FIELD_URL] = {PLACE_FILE, "url", TYPE_STRING, PLACE_IGNORED},
	[FIELD_HASHES] = {PLACE_FILE, "hashes", TYPE_OBJECT | TYPE_NULL, PLACE_HASHES},
	[FIELD_SHA256] = {PLACE_HASHES, "sha256", TYPE_STRING, PLACE_IGNORED},
	[FIELD_REQUIRES_PYTHON] = {PLACE_FILE, "requires-python", TYPE_STRING | TYPE_NULL,
		PLACE_IGNORED},
	[FIELD_SIZE] = {PLACE_FILE, "size", TYPE_NUMBER | TYPE_NULL, PLACE_IGNORED},
	[FIELD_YANKED] = {PLACE_FILE, "yanked", TYPE_BOOL | TYPE_STRING | TYPE_NULL, PLACE_IGNORED},
	[FIELD_UPLOAD_TIME] = {PLACE_FILE, "upload-time", TYPE_STRING | TYPE_NULL, PLACE_IGNORED},
	[FIELD_CORE_METADATA] = {PLACE_FILE, "core-metadata", TYPE_BOOL | TYPE_OBJECT | TYPE_NULL,
		PLACE_CORE_METADATA},
	[FIELD_CORE_METADATA_SHA256] = {PLACE_CORE_METADATA, "sha256", TYPE_STRING, PLACE_IGNORED},
	[FIELD_DIST_INFO_METADATA] = {PLACE_FILE, "dist-info-metadata",
		TYPE_BOOL | TYPE_OBJECT | TYPE_NULL, PLACE_DIST_INFO_METADATA},
	[FIELD_DIST_INFO_METADATA_SHA256] = {PLACE_DIST_INFO_METADATA, "sha256", TYPE_STRING,
		PLACE_IGNORED},
	[FIELD_PROVENANCE] = {PLACE_FILE, "provenance", TYPE_STRING | TYPE_NULL, PLACE_IGNORED},
};

struct value {
	enum type type; /* of the last value; 0 if there was none */
	bool truth;
	struct str text; /* of strings and numbers */
};

struct simple_page {
	const struct simple_page_handler *handler;
	void *user;
	size_t depth;
	struct level {
		enum place place;
		enum field field; /* the key whose value comes next */
	} stack[SIMPLE_PAGE_DEPTH];
	size_t files;
	bool ended;
	struct value values[FIELD_COUNT];
};

/* "$.files[3].hashes.sha256": where the value under way stands. */
static void path_write(const struct simple_page *p, struct buf *out)
{
	buf_add_char(out, '$');
	for (size_t i = 0; i < p->depth; i++) {
		if (p->stack[i].place == PLACE_FILES) {
			buf_printf(out, "[%zu]", p->files);
		} else if (p->stack[i].field != FIELD_IGNORED) {
			buf_printf(out, ".%s", rules[p->stack[i].field].key);
		}
	}
}

static int fail(const struct simple_page *p, struct err *e, int code, const char *what)
{
	struct buf path = {0};
	path_write(p, &path);
	err_set(e, code, "%s: %s", path.p, what);
	buf_finish(&path);
	return code;
}

static void forget_file(struct simple_page *p)
{
	memset(&p->values[FIELD_FILENAME], 0, (FIELD_COUNT - FIELD_FILENAME) * sizeof(*p->values));
}

static int push(struct simple_page *p, enum place place, struct err *e)
{
	if (p->depth == SIMPLE_PAGE_DEPTH) {
		return fail(p, e, ERR_TOO_LARGE, "nested too deep");
	}
	p->stack[p->depth].place = place;
	p->stack[p->depth].field = FIELD_IGNORED;
	p->depth++;
	return 0;
}

static void pop(struct simple_page *p)
{
	if (p->depth != 0) {
		p->depth--;
	}
}

static enum place top(const struct simple_page *p)
{
	return p->depth != 0 ? p->stack[p->depth - 1].place : PLACE_IGNORED;
}

/* A hash belongs to the object it stands in: a later value of the same key replaces it too. */
static void forget_members(struct simple_page *p, enum place place)
{
	for (int i = 1; i < FIELD_COUNT; i++) {
		if (rules[i].place == place) {
			p->values[i] = (struct value){0};
		}
	}
}

static int store(struct simple_page *p, enum field field, enum type type, struct err *e)
{
	struct value *value = &p->values[field];
	enum place opens = rules[field].opens;
	if ((rules[field].types & (int)type) == 0) {
		return fail(p, e, ERR_INVALID, "has a value of a wrong type (PEP 691)");
	}
	if (value->type != 0) { /* given before */
		if (field == FIELD_FILES) {
			return fail(p, e, ERR_INVALID, "is given twice");
		}
		if (opens != PLACE_IGNORED) {
			forget_members(p, opens);
		}
	}
	*value = (struct value){.type = type};
	return 0;
}

/* Any value arrives here first. *field is the one to fill, FIELD_IGNORED if nobody wants it. */
static int begin_value(struct simple_page *p, enum type type, enum field *field, struct err *e)
{
	*field = FIELD_IGNORED;
	if (p->depth == 0) {
		return type == TYPE_OBJECT ? 0 : fail(p, e, ERR_INVALID, "is not an object (PEP 691)");
	}
	if (top(p) == PLACE_FILES) {
		return type == TYPE_OBJECT ? 0 : fail(p, e, ERR_INVALID, "is not an object (PEP 691)");
	}
	*field = p->stack[p->depth - 1].field;
	return *field != FIELD_IGNORED ? store(p, *field, type, e) : 0;
}

static int on_object_begin(void *user, struct err *e)
{
	struct simple_page *p = user;
	enum field field;
	int code = begin_value(p, TYPE_OBJECT, &field, e);
	if (code < 0) {
		return code;
	}
	if (p->depth == 0) {
		return push(p, PLACE_PAGE, e);
	}
	if (top(p) == PLACE_FILES) {
		forget_file(p);
		return push(p, PLACE_FILE, e);
	}
	return push(p, rules[field].opens, e);
}

/* Keys are a few bytes, and there are ten million of them in a large index: no call for each. */
static inline bool same_bytes(const char *a, const char *b, size_t n)
{
	uint64_t x, y;
	for (; n >= sizeof(x); n -= sizeof(x), a += sizeof(x), b += sizeof(x)) {
		memcpy(&x, a, sizeof(x));
		memcpy(&y, b, sizeof(y));
		if (x != y) {
			return false;
		}
	}
	for (; n != 0; n--) {
		if (*a++ != *b++) {
			return false;
		}
	}
	return true;
}

static bool is_key(struct str key, enum field field)
{
	return same_bytes(key.p, rules[field].key, key.n);
}

/* The field of a key by its place and length, which tell nearly all of them apart. */
static enum field field_of(enum place place, struct str key)
{
	enum field field = FIELD_IGNORED;
	switch (place) {
	case PLACE_PAGE:
		field = key.n == 5 ? FIELD_FILES : key.n == 14 ? FIELD_PROJECT_STATUS : FIELD_IGNORED;
		if (key.n == 4) {
			field = key.p[0] == 'n' ? FIELD_NAME : FIELD_META;
		}
		break;
	case PLACE_META:
		field = key.n == 11 ? FIELD_API_VERSION : key.n == 12 ? FIELD_LAST_SERIAL : FIELD_IGNORED;
		break;
	case PLACE_STATUS:
		field = key.n == 6 ? FIELD_STATUS : FIELD_IGNORED;
		if (key.n == 6 && key.p[0] == 'r') {
			field = FIELD_REASON;
		}
		break;
	case PLACE_FILE: {
		static const unsigned char by_length[] = {
			[3] = FIELD_URL,
			[4] = FIELD_SIZE,
			[6] = FIELD_HASHES,
			[8] = FIELD_FILENAME,
			[10] = FIELD_PROVENANCE,
			[11] = FIELD_UPLOAD_TIME,
			[13] = FIELD_CORE_METADATA,
			[15] = FIELD_REQUIRES_PYTHON,
			[18] = FIELD_DIST_INFO_METADATA,
		};
		field = key.n < sizeof by_length ? (enum field)by_length[key.n] : FIELD_IGNORED;
		if (key.n == 6 && key.p[0] == 'y') {
			field = FIELD_YANKED;
		}
		break;
	}
	case PLACE_HASHES:
		field = key.n == 6 ? FIELD_SHA256 : FIELD_IGNORED;
		break;
	case PLACE_CORE_METADATA:
		field = key.n == 6 ? FIELD_CORE_METADATA_SHA256 : FIELD_IGNORED;
		break;
	case PLACE_DIST_INFO_METADATA:
		field = key.n == 6 ? FIELD_DIST_INFO_METADATA_SHA256 : FIELD_IGNORED;
		break;
	case PLACE_FILES:
	case PLACE_IGNORED:
		break;
	}
	return field != FIELD_IGNORED && is_key(key, field) ? field : FIELD_IGNORED;
}

static int on_object_key(void *user, struct str key, struct err *e)
{
	struct simple_page *p = user;
	if (p->depth != 0) {
		struct level *level = &p->stack[p->depth - 1];
		level->field = field_of(level->place, key);
	}
	return 0;
}

static struct str text_of(const struct simple_page *p, enum field field)
{
	return p->values[field].text;
}

static bool is_given(const struct simple_page *p, enum field field)
{
	return p->values[field].type != 0 && p->values[field].type != TYPE_NULL;
}

static bool is_metadata(const struct simple_page *p, enum field field)
{
	return p->values[field].truth || p->values[field].type == TYPE_OBJECT;
}

static int file_end(struct simple_page *p, struct err *e)
{
	if (text_of(p, FIELD_FILENAME).n == 0 || text_of(p, FIELD_URL).n == 0) {
		return fail(p, e, ERR_INVALID, "has no filename or no url (PEP 691)");
	}
	bool old_name = !is_given(p, FIELD_CORE_METADATA);
	struct simple_file file = {
		.filename = text_of(p, FIELD_FILENAME),
		.url = text_of(p, FIELD_URL),
		.sha256 = text_of(p, FIELD_SHA256),
		.requires_python = text_of(p, FIELD_REQUIRES_PYTHON),
		/* PEP 691: a reason is a text that is not empty */
		.yanked = p->values[FIELD_YANKED].truth || text_of(p, FIELD_YANKED).n != 0,
		.yanked_reason = text_of(p, FIELD_YANKED),
		.upload_time = text_of(p, FIELD_UPLOAD_TIME),
		.core_metadata = is_metadata(p, old_name ? FIELD_DIST_INFO_METADATA : FIELD_CORE_METADATA),
		.core_metadata_sha256 =
			text_of(p, old_name ? FIELD_DIST_INFO_METADATA_SHA256 : FIELD_CORE_METADATA_SHA256),
		.provenance = text_of(p, FIELD_PROVENANCE),
	};
	if (is_given(p, FIELD_SIZE)) {
		file.has_size = str_to_u64(text_of(p, FIELD_SIZE), &file.size);
		if (!file.has_size) {
			return fail(p, e, ERR_INVALID, "has a size that is no count of bytes (PEP 700)");
		}
	}
	int code = p->handler->on_file(p->user, &file, e);
	p->files++;
	return code;
}

static int page_end(struct simple_page *p, struct err *e)
{
	struct str version = text_of(p, FIELD_API_VERSION);
	if (version.n == 0 || p->values[FIELD_FILES].type == 0 || text_of(p, FIELD_NAME).n == 0) {
		return fail(p, e, ERR_INVALID, "has no meta.api-version, name or files (PEP 691)");
	}
	if (!str_starts(version, "1.") && !str_is(version, "1")) {
		return err_set(e, ERR_UNSUPPORTED, "$.meta.api-version: '%.*s' is not 1.x (PEP 629)",
			STR_ARG(version));
	}
	p->ended = true;
	struct str status = text_of(p, FIELD_STATUS);
	struct simple_project project = {
		.name = text_of(p, FIELD_NAME),
		.status = status.n != 0 ? status : STR("active"),
		.status_reason = text_of(p, FIELD_REASON),
		.api_version = version,
		.last_serial = text_of(p, FIELD_LAST_SERIAL),
		.files = p->files,
	};
	return p->handler->on_project != NULL ? p->handler->on_project(p->user, &project, e) : 0;
}

static int on_object_end(void *user, struct err *e)
{
	struct simple_page *p = user;
	enum place place = top(p);
	pop(p);
	if (place == PLACE_FILE) {
		return file_end(p, e);
	}
	return place == PLACE_PAGE ? page_end(p, e) : 0;
}

static int on_array_begin(void *user, struct err *e)
{
	struct simple_page *p = user;
	enum field field;
	int code = begin_value(p, TYPE_ARRAY, &field, e);
	return code < 0 ? code : push(p, rules[field].opens, e);
}

static int on_array_end(void *user, struct err *e)
{
	pop(user);
	return 0;
}

static int on_text(struct simple_page *p, enum type type, struct str text, struct err *e)
{
	enum field field;
	int code = begin_value(p, type, &field, e);
	if (code == 0 && field != FIELD_IGNORED) {
		p->values[field].text = text;
	}
	return code;
}

static int on_string(void *user, struct str value, struct err *e)
{
	return on_text(user, TYPE_STRING, value, e);
}

static int on_number(void *user, struct str text, struct err *e)
{
	return on_text(user, TYPE_NUMBER, text, e);
}

static int on_boolean(void *user, bool value, struct err *e)
{
	struct simple_page *p = user;
	enum field field;
	int code = begin_value(p, TYPE_BOOL, &field, e);
	if (code == 0 && field != FIELD_IGNORED) {
		p->values[field].truth = value;
	}
	return code;
}

static int on_null(void *user, struct err *e)
{
	enum field field;
	return begin_value(user, TYPE_NULL, &field, e);
}

const struct json_sink *simple_page_sink(void)
{
	static const struct json_sink sink = {
		.object_begin = on_object_begin,
		.object_key = on_object_key,
		.object_end = on_object_end,
		.array_begin = on_array_begin,
		.array_end = on_array_end,
		.string = on_string,
		.number = on_number,
		.boolean = on_boolean,
		.null = on_null,
	};
	return &sink;
}

struct simple_page *simple_page_create(const struct simple_page_handler *handler, void *user)
{
	struct simple_page *p = MEM_NEW(struct simple_page);
	p->handler = handler;
	p->user = user;
	return p;
}

void simple_page_destroy(struct simple_page *p)
{
	free(p);
}

int simple_page_finish(struct simple_page *p, struct err *e)
{
	return p->ended ? 0 : err_set(e, ERR_INVALID, "$: is not a whole project page (PEP 691)");
}
