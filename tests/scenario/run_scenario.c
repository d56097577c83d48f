/* Runs a farm's story: one step a line, "words -> what comes of it"; '#' comments. The steps are the
 * rows of the table below; FILE:LINE is told of the first that goes another way. */
#include "story.h"

#include "coordinator/store/view.h"
#include "core/io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void step_add(struct story *t)
{
	struct fixture_job job = {
		.name = story_word(t, 1),
		.key = story_option(t, "key"),
		.version = story_option(t, "version"),
		.target = story_option(t, "target"),
		.toolchain = story_option(t, "toolchain"),
		.image = story_option(t, "image"),
		.mode = story_option(t, "mode"),
		.priority = story_number(story_option(t, "priority")),
		.wall_s = story_number(story_option(t, "wall")),
		.builds = story_option(t, "builds") != NULL,
	};
	job.kind = job.builds ? "build" : NULL;
	fixture_add(&t->farm, &job);
	map_put(&t->jobs, str_from(job.key != NULL ? job.key : job.name), (void *)(intptr_t)job.id);
	buf_add_text(&t->got, job.added == STORE_JOB_ADDED ? "added" : "known");
}

static void step_agent(struct story *t)
{
	bool local = strcmp(story_word(t, 2), "local") == 0;
	story_actor(t, story_word(t, 1))->agent = fixture_agent(
		&t->farm, story_word(t, 1), local, story_option(t, "toolchain"), story_option(t, "image"));
	buf_add_text(&t->got, "ok");
}

static void step_advance(struct story *t)
{
	fixture_advance(&t->farm, story_number(story_word(t, 1)) * 1000);
	buf_add_text(&t->got, "ok");
}

static void step_revoke(struct story *t)
{
	queue_revoke_agent(t->farm.queue, story_word(t, 1), story_told, &t->got);
	fixture_settle(&t->farm);
}

static void step_revoke_local(struct story *t)
{
	queue_revoke_local_agents(t->farm.queue, story_told, &t->got);
	fixture_settle(&t->farm);
}

static void step_restart(struct story *t)
{
	fixture_stop(&t->farm);
	fixture_start(&t->farm);
	for (size_t i = 0; i < t->actor_count; i++) {
		t->actors[i].agent = queue_agent_by_name(t->farm.queue, t->actors[i].name);
	}
	buf_add_text(&t->got, "ok");
}

static void step_drain(struct story *t)
{
	queue_set_draining(t->farm.queue, true);
	fixture_settle(&t->farm);
	buf_add_text(&t->got, "ok");
}

static void step_pause(struct story *t)
{
	queue_set_paused(t->farm.queue, strcmp(story_word(t, 1), "off") != 0);
	fixture_settle(&t->farm);
	buf_add_text(&t->got, "ok");
}

static void step_counts(struct story *t)
{
	struct queue_counts c;
	queue_counts(t->farm.queue, &c);
	buf_printf(&t->got, "queued=%zu leased=%zu passed=%zu failed=%zu retried=%zu", c.queued,
		c.leased, c.passed, c.failed, c.retried);
}

static void step_unfit(struct story *t)
{
	buf_printf(&t->got, "%zu", queue_unfit(t->farm.queue, NULL));
}

static void step_state(struct story *t)
{
	struct store *s = NULL;
	struct err e = {0};
	struct job_view v;
	if (store_open(t->farm.database, STORE_READ, &s, &e) != 0 ||
		store_job_view(s, story_job_id(t, story_word(t, 1)), &v, &e) != 0) {
		story_complain(t, "%s", e.text);
	} else {
		buf_add_text(&t->got, v.build.job_state);
		if (v.build.state != NULL) {
			buf_printf(&t->got, " %s", v.build.state);
		}
		if (v.build.reason != NULL) {
			buf_printf(&t->got, " %s %s", v.build.reason, v.build.owner);
		}
		job_view_finish(&v);
	}
	store_close(s);
}

struct order {
	int64_t job, after;
};

static int write_order(struct store *s, void *user, struct err *e)
{
	const struct order *o = user;
	return store_job_add_after(s, o->job, o->after, e);
}

/* after JOB BLOCKER */
static void step_after(struct story *t)
{
	struct order o = {story_job_id(t, story_word(t, 1)), story_job_id(t, story_word(t, 2))};
	int code = store_write_wait(t->farm.writer, write_order, &o, NULL);
	queue_refresh(t->farm.queue, NULL, NULL);
	fixture_settle(&t->farm);
	buf_add_text(&t->got, fixture_code_word(code));
}

/* One "TARGET queued/leased slots average eta" a lane. */
static void step_outlook(struct story *t)
{
	struct queue_outlook all[16];
	size_t n = queue_outlooks(t->farm.queue, all, 16);
	for (size_t i = 0; i < n; i++) {
		buf_printf(&t->got, "%s%lld %zu/%zu %zu %.0f %.0f", i != 0 ? ", " : "",
			(long long)all[i].target, all[i].queued, all[i].leased, all[i].slots, all[i].average_s,
			all[i].eta_s);
	}
}

static void step_requeue(struct story *t)
{
	queue_requeue(t->farm.queue, story_job_id(t, story_word(t, 1)), story_told, &t->got);
	fixture_settle(&t->farm);
}

static const struct {
	const char *word;
	void (*run)(struct story *t);
} steps[] = {
	{"add", step_add},
	{"advance", step_advance},
	{"after", step_after},
	{"agent", step_agent},
	{"answer", story_answer},
	{"beat", story_beat},
	{"counts", step_counts},
	{"drain", step_drain},
	{"hangup", story_hangup},
	{"lease", story_lease},
	{"lease-hangup", story_lease_hangup},
	{"log", story_log},
	{"outlook", step_outlook},
	{"pause", step_pause},
	{"requeue", step_requeue},
	{"restart", step_restart},
	{"result", story_result},
	{"revoke", step_revoke},
	{"revoke-local", step_revoke_local},
	{"state", step_state},
	{"unfit", step_unfit},
};

static void run_step(struct story *t)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (strcmp(steps[i].word, story_word(t, 0)) == 0) {
			steps[i].run(t);
			return;
		}
	}
	story_complain(t, "no step is called %s", story_word(t, 0));
}

/* False if the line did not come out as it says. */
static bool run_line(struct story *t, struct str line, const char *file, int number_of_line)
{
	struct arena arena = {0};
	ptrdiff_t arrow = str_find_text(line, STR(" -> "));
	struct str expected =
		arrow >= 0 ? str_trim(str_slice(line, (size_t)arrow + 4, line.n)) : STR("ok");
	struct str rest = arrow >= 0 ? str_slice(line, 0, (size_t)arrow) : line;
	struct str part;
	t->word_count = 0;
	buf_clear(&t->got);
	while (t->word_count < MOST_WORDS && str_split(&rest, ' ', &part)) {
		if (part.n != 0) {
			t->words[t->word_count++] = arena_copy(&arena, part.p, part.n);
		}
	}
	run_step(t);
	bool fine = str_equal(buf_view(&t->got), expected) ||
		(arrow < 0 && strcmp(story_word(t, 0), "add") == 0);
	if (!fine) {
		fprintf(stderr, "%s:%d: %.*s\n\tgot: %s\n", file, number_of_line, STR_ARG(line),
			t->got.p != NULL ? t->got.p : "");
	}
	arena_finish(&arena);
	return fine;
}

static bool run_file(const char *file)
{
	struct story t = {0};
	struct buf text = {0};
	struct err e = {0};
	if (file_read(file, 1 << 20, &text, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		return false;
	}
	fixture_init(&t.farm, NULL);
	fixture_start(&t.farm);
	struct str rest = buf_view(&text);
	struct str line;
	bool fine = true;
	for (int n = 1; fine && str_split(&rest, '\n', &line); n++) {
		line = str_trim(line);
		if (line.n != 0 && line.p[0] != '#') {
			fine = run_line(&t, line, file, n);
		}
	}
	fixture_stop(&t.farm);
	fixture_finish(&t.farm);
	map_finish(&t.jobs);
	buf_finish(&t.got);
	buf_finish(&text);
	return fine;
}

int main(int argc, char **argv)
{
	int failed = 0;
	for (int i = 1; i < argc; i++) {
		bool fine = run_file(argv[i]);
		printf("%s %s\n", fine ? "ok  " : "FAIL", argv[i]);
		failed += fine ? 0 : 1;
	}
	return failed == 0 && argc > 1 ? 0 : 1;
}
