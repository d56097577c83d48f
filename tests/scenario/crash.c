/* A coordinator that is killed at any moment loses nothing that it acknowledged and does nothing
 * twice: a child adds, leases and finishes jobs and says so line by line; the parent kills it with
 * SIGKILL, opens the database, and holds the lines against it. crash [ROUNDS] */
#include "fixture.h"

#include "core/base/map.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 4, ROUNDS = 25 };

/* --- the child --- */

struct worker {
	struct fixture farm;
	struct queue_agent *agent;
	char fences[AT_ONCE][64];
	int64_t jobs[AT_ONCE];
	size_t leased;
};

/* One write call a line, so that a line is there whole or not at all. */
static void say(char what, int64_t job)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%c %lld\n", what, (long long)job);
	if (write(STDOUT_FILENO, line, (size_t)n) != n) {
		_exit(1);
	}
}

static void on_lease(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	(void)e;
	struct worker *w = user;
	if (code != 0) {
		mem_bug("child: no lease: %s", err_text(code));
	}
	snprintf(w->fences[w->leased], sizeof(*w->fences), "%s", grant->fence);
	w->jobs[w->leased++] = grant->job;
	say('l', grant->job);
}

static void on_result(void *user, int code, const struct queue_grant *grant, const struct err *e)
{
	if (code != 0) {
		mem_bug("child: result: %s", e->text);
	}
	say('r', *(const int64_t *)user);
}

static void work_once(struct worker *w, int round, int turn)
{
	for (int i = 0; i < AT_ONCE; i++) {
		char name[32];
		snprintf(name, sizeof(name), "p%d-%d-%d", round, turn, i);
		struct fixture_job job = {.name = name};
		fixture_add(&w->farm, &job);
		say('a', job.id);
	}
	w->leased = 0;
	for (int i = 0; i < AT_ONCE; i++) {
		struct lease_request request = {.slot = i};
		queue_lease(w->farm.queue, w->agent, &request, on_lease, w);
	}
	fixture_settle(&w->farm);
	for (size_t i = 0; i < w->leased; i++) {
		uint64_t size = 0;
		queue_log_append(w->farm.queue, w->agent, str_from(w->fences[i]), 0, str_from(w->fences[i]),
			&size, NULL);
		char *json = fixture_result(w->fences[i], "pass", NULL, NULL);
		queue_result(w->farm.queue, w->agent, str_from(json), -1, on_result, &w->jobs[i]);
		free(json);
	}
	fixture_settle(&w->farm);
}

static void ignore(void *user, int code, const struct err *e)
{
	(void)user;
	(void)code;
	(void)e;
}

_Noreturn static void child(const char *folder, int round)
{
	struct worker w = {0};
	char name[32];
	snprintf(name, sizeof(name), "agent%d", round);
	fixture_init(&w.farm, folder);
	fixture_start(&w.farm);
	queue_revoke_local_agents(w.farm.queue, ignore, NULL);
	fixture_settle(&w.farm);
	w.agent = fixture_agent(&w.farm, name, true, NULL, NULL);
	for (int turn = 0;; turn++) {
		work_once(&w, round, turn);
	}
}

/* --- the parent --- */

struct told {
	struct map added, leased, finished; /* by the job's number as text */
};

/* False at the end. */
static bool read_line(FILE *from, struct told *told)
{
	char line[64];
	if (fgets(line, sizeof(line), from) == NULL || strchr(line, '\n') == NULL) {
		return false;
	}
	struct map *m = line[0] == 'a' ? &told->added
		: line[0] == 'l'           ? &told->leased
								   : &told->finished;
	map_put(m, str_trim(str_from(line + 2)), told);
	return true;
}

static void run_child(const char *self, const char *folder, int round, struct told *told)
{
	int ends[2];
	if (pipe(ends) != 0) {
		mem_bug("pipe");
	}
	pid_t pid = fork();
	if (pid == 0) {
		char number[16];
		snprintf(number, sizeof(number), "%d", round);
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl(self, self, "child", folder, number, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	FILE *from = fdopen(ends[0], "r");
	/* the clock starts with its first job: how fast this machine starts processes is no matter */
	bool more = read_line(from, told);
	usleep((useconds_t)(rand() % 150000));
	kill(pid, SIGKILL);
	while (more) {
		more = read_line(from, told);
	}
	fclose(from);
	int status = 0;
	waitpid(pid, &status, 0);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
		mem_bug("the child ended by itself");
	}
}

static int64_t ask(sqlite3 *db, const char *question)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(db, question, -1, &statement, NULL) != SQLITE_OK ||
		sqlite3_step(statement) != SQLITE_ROW) {
		mem_bug("%s: %s", question, sqlite3_errmsg(db));
	}
	int64_t answer = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return answer;
}

static int hold(sqlite3 *db, const struct map *told, const char *what, const char *question)
{
	int wrong = 0;
	for (size_t i = 0; i < told->n; i++) {
		char *whole = str_format("%s%.*s", question, STR_ARG(told->entries[i].key));
		if (ask(db, whole) != 1) {
			fprintf(stderr, "job %.*s was %s, and the database does not know\n",
				STR_ARG(told->entries[i].key), what);
			wrong++;
		}
		free(whole);
	}
	return wrong;
}

static int check(const char *database, const struct told *told)
{
	static const struct {
		const char *what;
		const char *question;
	} never[] = {
		{"jobs with two results",
			"SELECT count(*) FROM (SELECT job FROM result WHERE final GROUP BY "
			"job HAVING count(*) > 1)"},
		{"jobs with two live leases",
			"SELECT count(*) FROM (SELECT job FROM lease WHERE ended IS NULL "
			"GROUP BY job HAVING count(*) > 1)"},
		{"finished jobs without a result",
			"SELECT count(*) FROM job WHERE state = 'done' AND id NOT IN (SELECT job FROM result)"},
		{"leased jobs without a live lease",
			"SELECT count(*) FROM job WHERE state = 'leased' AND id NOT "
			"IN (SELECT job FROM lease WHERE ended IS NULL)"},
		{"broken references", "SELECT count(*) FROM pragma_foreign_key_check"},
		{"broken pages",
			"SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
	};
	sqlite3 *db = NULL;
	if (sqlite3_open(database, &db) != SQLITE_OK) {
		mem_bug("%s", database);
	}
	int wrong = hold(db, &told->added, "added", "SELECT count(*) FROM job WHERE id = ");
	wrong += hold(db, &told->leased, "leased", "SELECT count(*) > 0 FROM lease WHERE job = ");
	wrong += hold(db, &told->finished, "finished",
		"SELECT count(*) FROM result JOIN job ON job.id = job WHERE job.state = 'done' AND job = ");
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		int64_t n = ask(db, never[i].question);
		if (n != 0) {
			fprintf(stderr, "%lld %s\n", (long long)n, never[i].what);
			wrong++;
		}
	}
	sqlite3_close(db);
	return wrong;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "child") == 0) {
		child(argv[2], atoi(argv[3]));
	}
	struct told told = {0};
	struct fixture place;
	int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
	int wrong = 0;
	srand((unsigned)getpid());
	fixture_init(&place, NULL);
	fixture_start(&place); /* the schema: a child may be killed before it has made one */
	fixture_stop(&place);
	for (int round = 0; wrong == 0 && round < rounds; round++) {
		run_child(argv[0], place.folder, round, &told);
		wrong = check(place.database, &told);
	}
	printf("%zu added, %zu leased, %zu finished, killed %d times: %d wrong\n", told.added.n,
		told.leased.n, told.finished.n, rounds, wrong);
	bool did_nothing = told.finished.n == 0;
	map_finish(&told.added);
	map_finish(&told.leased);
	map_finish(&told.finished);
	fixture_finish(&place);
	return wrong == 0 && !did_nothing ? 0 : 1;
}
