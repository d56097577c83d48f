#include "coordinator/check/lock.h"

#include "coordinator/check/check_files.h"
#include "core/pep/name.h"

int lock_fail(struct lock *l, const struct toml_node *at, const char *what)
{
	return err_set(l->e, ERR_INVALID, "%s:%zu: %s", l->path, at->line, what);
}

void lock_skip(struct lock *l, const struct toml_node *at, const char *what, struct str text)
{
	check_list_skip(l->list, l->path, at->line, what, text);
}

void lock_python(struct lock *l, struct str specifiers)
{
	struct arena *arena = &l->list->arena;
	l->about->python = (struct str){arena_copy(arena, specifiers.p, specifiers.n), specifiers.n};
}

int lock_applies(struct lock *l, const struct toml_node *marker, uint64_t *out)
{
	const struct check_list *list = l->list;
	struct err e = {0};
	*out = check_list_all(list);
	if (marker == NULL) {
		return 0;
	}
	if (marker->kind != TOML_TEXT) {
		return lock_fail(l, marker, "a marker is a text");
	}
	if (str_trim(marker->text).n == 0) {
		return 0;
	}
	uint64_t *known = map_get(&l->markers, marker->text);
	if (known != NULL) {
		*out = *known;
		return 0;
	}
	*out = 0;
	for (size_t t = 0; t < list->target_count; t++) {
		struct marker_environment environment = pep_target_environment(list->targets[t]);
		bool holds = false;
		environment.any_choice = true;
		if (marker_evaluate(marker->text, &environment, &holds, &e) != 0) {
			return err_set(l->e, ERR_INVALID, "%s:%zu: %s", l->path, marker->line, e.text);
		}
		*out |= holds ? UINT64_C(1) << t : 0;
	}
	known = arena_new(&l->arena, sizeof(*known));
	*known = *out;
	map_put(&l->markers, marker->text, known);
	return 0;
}

int lock_applies_any(struct lock *l, const struct toml_node *markers, uint64_t *out)
{
	*out = check_list_all(l->list);
	if (markers == NULL || markers->first == NULL) {
		return 0;
	}
	*out = 0;
	TOML_EACH(marker, markers)
	{
		uint64_t one;
		int code = lock_applies(l, marker, &one);
		if (code != 0) {
			return code;
		}
		*out |= one;
	}
	return 0;
}

static struct str keep(struct lock *l, const struct buf *text)
{
	return (struct str){arena_copy(&l->list->arena, text->n != 0 ? text->p : "", text->n), text->n};
}

int lock_pin_init(struct lock *l, const struct toml_node *package, struct lock_pin *out)
{
	struct buf text = {0};
	struct version v;
	struct str name = toml_get_text(package, "name"), version = toml_get_text(package, "version");
	*out = (struct lock_pin){.at = package, .applies = check_list_all(l->list)};
	if (!name_is_valid(name)) {
		return lock_fail(l, package, "a package without a name that is one");
	}
	name_normalise(name, &text);
	out->name = keep(l, &text);
	buf_clear(&text);
	bool good = version_parse(version, &v, NULL) == 0;
	if (good) {
		version_write(&v, &text);
		out->version = keep(l, &text);
	}
	buf_finish(&text);
	return good || version.n == 0 ? 0 : lock_fail(l, package, "a version that is none (PEP 440)");
}

/* Of a hexadecimal digit; -1 of anything else. */
static int digit(struct str text, size_t at)
{
	static const char digits[] = "0123456789abcdef";
	char low = (char)(at < text.n ? text.p[at] | ('a' - 'A') : '\0');
	const char *found = low >= '0' ? memchr(digits, low, sizeof(digits) - 1) : NULL;
	return found != NULL ? (int)(found - digits) : -1;
}

/* The last part of an address or a path, %-escapes undone (RFC 3986, 2.1). */
static void write_file_name(struct str address, struct buf *out)
{
	for (size_t i = 0; i < address.n; i++) {
		if (address.p[i] == '?' || address.p[i] == '#') {
			address.n = i;
		}
	}
	for (size_t i = (size_t)(str_find_last(address, '/') + 1); i < address.n; i++) {
		int high = digit(address, i + 1), low = digit(address, i + 2);
		if (address.p[i] == '%' && high >= 0 && low >= 0) {
			buf_add_char(out, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_add_char(out, address.p[i]);
		}
	}
}

static bool is_of_pin(const struct lock_pin *pin, struct str filename)
{
	struct filename f;
	struct version version;
	return filename_parse(filename, &f, NULL) == 0 && f.kind != FILENAME_OTHER &&
		version_parse(pin->version, &version, NULL) == 0 &&
		version_compare(&f.version, &version) == 0;
}

void lock_pin_file(struct lock *l, struct lock_pin *pin, const struct toml_node *file)
{
	static const char *const keys[] = {"name", "filename", "file", "url", "path"};
	struct buf text = {0};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && text.n == 0; i++) {
		write_file_name(toml_get_text(file, keys[i]), &text);
	}
	if (is_of_pin(pin, buf_view(&text))) {
		const struct toml_node *uploaded = toml_get_kind(file, "upload-time", TOML_TIME);
		*vec_add(&pin->files) = (struct published_file){
			.filename = keep(l, &text), .uploaded = uploaded != NULL ? uploaded->number : 0};
	}
	buf_finish(&text);
}

int lock_pin_add(struct lock *l, struct lock_pin *pin)
{
	struct arena *arena = &l->list->arena;
	struct check_locked *made = arena_new(arena, sizeof(*made));
	if (pin->version.n == 0) {
		return lock_fail(l, pin->at, "a package without a version");
	}
	*made = (struct check_locked){.name = pin->name,
		.version = pin->version,
		.python = {arena_copy(arena, pin->python.p, pin->python.n), pin->python.n},
		.applies = pin->applies,
		.file_count = pin->files.n};
	made->files = vec_to_arena(&pin->files, arena);
	return check_list_add_locked(l->list, l->path, pin->at->line, l->about, made, l->e);
}

void lock_pin_finish(struct lock_pin *pin)
{
	vec_finish(&pin->files);
}
