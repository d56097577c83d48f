#include "core/inspect/wheel_parts.h"

#include "core/base/map.h"
#include "core/inspect/record.h"

#include <string.h>

/* RECORD itself and its signatures are listed without a hash, or not at all (PEP 427). */
static bool is_unhashed(const struct wheel_check *c, struct str path)
{
	static const char *const names[] = {"RECORD", "RECORD.jws", "RECORD.p7s"};
	size_t n = c->dist_info.n;
	if (path.n <= n + 1 || !str_equal(str_slice(path, 0, n), c->dist_info) || path.p[n] != '/') {
		return false;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_is(str_slice(path, n + 1, path.n), names[i])) {
			return true;
		}
	}
	return false;
}

static void judge_line(
	struct wheel_check *c, const struct record_line *line, const struct wheel_member *member)
{
	if (is_unhashed(c, line->path)) {
		if (line->hash != RECORD_HASH_NONE && str_ends(line->path, "/RECORD")) {
			wheel_problem(c, WHEEL_PROBLEM_RECORD_HASH, line->path,
				"RECORD line %zu gives a hash of RECORD itself", line->number);
		}
		return;
	}
	if (line->hash == RECORD_HASH_NONE || line->hash == RECORD_HASH_BAD) {
		wheel_problem(c, WHEEL_PROBLEM_RECORD_HASH, line->path,
			"RECORD line %zu has no sha256 in urlsafe base64 without padding", line->number);
	} else if (!member->was_hashed) {
		return; /* it could not be read, which has been said */
	} else if (line->has_size && line->size != member->size) {
		wheel_problem(c, WHEEL_PROBLEM_RECORD_HASH, line->path,
			"RECORD line %zu says %llu bytes, the file has %llu", line->number,
			(unsigned long long)line->size, (unsigned long long)member->size);
	} else if (line->hash == RECORD_HASH_SHA256 &&
		memcmp(line->digest, member->digest, sizeof(line->digest)) != 0) {
		wheel_problem(c, WHEEL_PROBLEM_RECORD_HASH, line->path,
			"RECORD line %zu has another sha256 than the file", line->number);
	}
}

/* Installers copy such lines, and uninstalling removes what they name. */
static void judge_absent(struct wheel_check *c, const struct record_line *line)
{
	const char *fault = zip_path_fault(line->path);
	if (fault != NULL) {
		wheel_problem(c, WHEEL_PROBLEM_UNSAFE_PATH, line->path,
			"RECORD line %zu: %s, and the wheel has no such file", line->number, fault);
	} else {
		wheel_problem(c, WHEEL_PROBLEM_RECORD_MISSING, line->path,
			"RECORD line %zu lists a file that the wheel does not have", line->number);
	}
}

static void judge_lines(struct wheel_check *c, const struct record *record)
{
	struct map members = {0}, listed = {0};
	VEC_EACH (struct wheel_member, member, &c->members) {
		if (!map_has(&members, member->path)) {
			map_put(&members, member->path, member);
		}
	}
	VEC_EACH (struct record_line, line, &record->lines) {
		const struct wheel_member *member = map_get(&members, line->path);
		if (map_put(&listed, line->path, line) != NULL) {
			wheel_problem(c, WHEEL_PROBLEM_RECORD_HASH, line->path,
				"RECORD line %zu lists the file a second time", line->number);
		} else if (member == NULL) {
			judge_absent(c, line);
		} else {
			judge_line(c, line, member);
		}
	}
	VEC_EACH (const struct wheel_member, member, &c->members) {
		if (!member->is_folder && !is_unhashed(c, member->path) &&
			!map_has(&listed, member->path)) {
			wheel_problem(c, WHEEL_PROBLEM_RECORD_UNLISTED, member->path,
				"the file is not in RECORD, so no installer may trust it");
		}
	}
	map_finish(&members);
	map_finish(&listed);
}

void wheel_record_judge(struct wheel_check *c)
{
	struct record record;
	struct err why = {0};
	if (!c->has_file[WHEEL_FILE_RECORD]) {
		wheel_problem(c, WHEEL_PROBLEM_RECORD_MISSING, c->dist_info, "there is no RECORD");
		return;
	}
	if (record_read(buf_view(&c->files[WHEEL_FILE_RECORD]), &record, &why) != 0) {
		wheel_problem(c, WHEEL_PROBLEM_RECORD_HASH, c->dist_info, "RECORD %s", why.text);
	} else {
		judge_lines(c, &record);
	}
	record_finish(&record);
}
