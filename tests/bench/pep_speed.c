/* The PEP engine on lines of text, in one process:
 *   pep_speed FOLDER ROUNDS
 * FOLDER has filenames.txt, versions.txt, specifiers.txt (VERSION, tab, SPECIFIERS), markers.txt and
 * target.txt (the name of a target). Prints a line a task: its name, items, the fastest round's
 * nanoseconds of processor time, and a number that tells whether other programs answered the same. */
#include "core/base/vec.h"
#include "core/io/file.h"
#include "core/pep/filename.h"
#include "core/pep/specifier.h"
#include "core/pep/target.h"

#include <stdio.h>
#include <time.h>

struct lines {
	struct buf text;
	VEC(struct str) v;
};

static void read_lines(const char *folder, const char *name, struct lines *out)
{
	char *path = str_format("%s/%s", folder, name);
	struct err e;
	*out = (struct lines){0};
	if (file_read(path, 64 << 20, &out->text, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		exit(2);
	}
	struct str rest = buf_view(&out->text), line;
	while (str_split(&rest, '\n', &line)) {
		if (line.n != 0) {
			*vec_add(&out->v) = line;
		}
	}
	free(path);
}

static void finish_lines(struct lines *l)
{
	vec_finish(&l->v);
	buf_finish(&l->text);
}

/* A task fills *answer; `user` is its own. */
struct task {
	const char *name;
	const char *file;
	uint64_t (*run)(const struct lines *lines, void *user);
	void *user;
};

static uint64_t parse_filenames(const struct lines *lines, void *user)
{
	uint64_t answer = 0;
	VEC_EACH (struct str, line, &lines->v) {
		struct filename name;
		answer += filename_parse(*line, &name, NULL) == 0 && name.kind != FILENAME_OTHER;
	}
	return answer;
}

static int by_version(const void *a, const void *b)
{
	return version_compare(*(const struct version *const *)a, *(const struct version *const *)b);
}

static uint64_t sort_versions(const struct lines *lines, void *user)
{
	struct version *versions = mem_resize(NULL, lines->v.n, sizeof(*versions));
	const struct version **sorted = mem_resize(NULL, lines->v.n, sizeof(*sorted));
	uint64_t answer = 0;
	size_t n = 0;
	VEC_EACH (struct str, line, &lines->v) {
		if (version_parse(*line, &versions[n], NULL) == 0) {
			sorted[n] = &versions[n];
			n++;
		}
	}
	qsort(sorted, n, sizeof(*sorted), by_version);
	for (size_t i = 1; i < n; i++) {
		answer += version_compare(sorted[i - 1], sorted[i]) != 0;
	}
	free(sorted);
	free(versions);
	return answer;
}

static uint64_t parse_and_match(const struct lines *lines, void *user)
{
	uint64_t answer = 0;
	VEC_EACH (struct str, line, &lines->v) {
		struct str rest = *line, text;
		struct version version;
		struct specifier_set set;
		str_split(&rest, '\t', &text);
		answer += version_parse(text, &version, NULL) == 0 &&
			specifier_set_parse(rest, &set, NULL) == 0 && specifier_set_contains(&set, &version);
	}
	return answer;
}

/* Versions and specifiers that were read before. */
struct pair {
	struct version version;
	size_t from, to; /* of members */
};
struct pairs {
	VEC(struct pair) v;
	VEC(struct specifier) members;
};

static void read_pairs(const struct lines *lines, struct pairs *out)
{
	VEC_EACH (struct str, line, &lines->v) {
		struct str rest = *line, text;
		struct specifier member;
		struct pair *pair = vec_add(&out->v);
		str_split(&rest, '\t', &text);
		version_parse(text, &pair->version, NULL);
		pair->from = out->members.n;
		while (specifier_set_next(&rest, &member)) {
			*vec_add(&out->members) = member;
		}
		pair->to = out->members.n;
	}
}

static uint64_t match(const struct lines *lines, void *user)
{
	const struct pairs *pairs = user;
	uint64_t answer = 0;
	VEC_EACH (const struct pair, pair, &pairs->v) {
		bool all = true;
		for (size_t i = pair->from; all && i < pair->to; i++) {
			all = specifier_matches(&pairs->members.v[i], &pair->version);
		}
		answer += all;
	}
	return answer;
}

static uint64_t evaluate_markers(const struct lines *lines, void *user)
{
	const struct marker_environment *environment = user;
	uint64_t answer = 0;
	VEC_EACH (struct str, line, &lines->v) {
		bool holds = false;
		answer += marker_evaluate(*line, environment, &holds, NULL) == 0 && holds;
	}
	return answer;
}

static int64_t cpu_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void time_task(const struct task *task, const char *folder, int rounds)
{
	struct lines lines;
	int64_t least = INT64_MAX;
	uint64_t answer = 0;
	read_lines(folder, task->file, &lines);
	for (int i = 0; i < rounds; i++) {
		int64_t start = cpu_ns();
		answer = task->run(&lines, task->user);
		int64_t took = cpu_ns() - start;
		least = took < least ? took : least;
	}
	printf("%s\t%zu\t%lld\t%llu\n", task->name, lines.v.n, (long long)least,
		(unsigned long long)answer);
	finish_lines(&lines);
}

int main(int argc, char **argv)
{
	struct pep_target target;
	struct lines name, specifiers;
	struct pairs pairs = {0};
	if (argc != 3) {
		fputs("usage: pep_speed FOLDER ROUNDS\n", stderr);
		return 2;
	}
	read_lines(argv[1], "target.txt", &name);
	read_lines(argv[1], "specifiers.txt", &specifiers);
	if (name.v.n != 1 || pep_target_parse(name.v.v[0], &target, NULL) != 0) {
		fputs("target.txt has no target\n", stderr);
		return 2;
	}
	read_pairs(&specifiers, &pairs);
	struct marker_environment environment = pep_target_environment(&target);
	const struct task tasks[] = {
		{"filenames", "filenames.txt", parse_filenames, NULL},
		{"versions", "versions.txt", sort_versions, NULL},
		{"specifiers", "specifiers.txt", parse_and_match, NULL},
		{"matches", "specifiers.txt", match, &pairs},
		{"markers", "markers.txt", evaluate_markers, &environment},
	};
	for (size_t i = 0; i < sizeof(tasks) / sizeof(*tasks); i++) {
		time_task(&tasks[i], argv[1], atoi(argv[2]));
	}
	vec_finish(&pairs.v);
	vec_finish(&pairs.members);
	finish_lines(&specifiers);
	finish_lines(&name);
	return 0;
}
