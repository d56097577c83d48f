#include "sql/checkpoint.h"

#include "core/base/log.h"
#include "sql/db_parts.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>

enum {
	ROUND_PAGES = 4096, /* 16 MiB of log are worth a round */
	TIMES = 3, /* the second and third take what came meanwhile: less each time */
	BUSY_MS = 10000,
};

struct sql_checkpoint {
	struct sql_db *db; /* the writer's */
	sqlite3 *own;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what is below */
	pthread_cond_t wake;
	bool wanted; /* a round is asked for, or under way */
	bool ended; /* a round has ended since the last step */
	bool stopping;
};

static void move(sqlite3 *handle, const char *path)
{
	int result = sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (result != SQLITE_OK && result != SQLITE_BUSY) {
		/* What is in the log stays valid there, and the next round tries again. */
		log_error("store", "%s: checkpoint: %s", path, sqlite3_errmsg(handle));
	}
}

static void *thread_main(void *user)
{
	struct sql_checkpoint *c = user;
	pthread_mutex_lock(&c->lock);
	while (!c->stopping) {
		if (!c->wanted) {
			pthread_cond_wait(&c->wake, &c->lock);
			continue;
		}
		pthread_mutex_unlock(&c->lock);
		for (int i = 0; i < TIMES; i++) {
			move(c->own, sql_path(c->db));
		}
		pthread_mutex_lock(&c->lock);
		c->wanted = false;
		c->ended = true;
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

int sql_checkpoint_start(struct sql_db *db, struct sql_checkpoint **out, struct err *e)
{
	*out = NULL;
	struct sql_checkpoint *c = MEM_NEW(struct sql_checkpoint);
	c->db = db;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	/* A connection that has read nothing yet knows of no log, and would move nothing. */
	if (sqlite3_open_v2(sql_path(db), &c->own, flags, NULL) != SQLITE_OK ||
		sqlite3_busy_timeout(c->own, BUSY_MS) != SQLITE_OK ||
		sqlite3_exec(c->own, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) != SQLITE_OK) {
		int code = err_set(
			e, ERR_DATABASE, "%s: cannot be opened: %s", sql_path(db), sqlite3_errmsg(c->own));
		sqlite3_close(c->own);
		free(c);
		return code;
	}
	if (pthread_mutex_init(&c->lock, NULL) != 0 || pthread_cond_init(&c->wake, NULL) != 0 ||
		pthread_create(&c->thread, NULL, thread_main, c) != 0) {
		mem_bug("no thread for checkpoints");
	}
	sql_count_log(db);
	*out = c;
	return 0;
}

void sql_checkpoint_step(struct sql_checkpoint *c)
{
	pthread_mutex_lock(&c->lock);
	bool rest = c->ended;
	c->ended = false;
	if (!rest && !c->wanted && sql_log_pages(c->db) >= ROUND_PAGES) {
		c->wanted = true;
		pthread_cond_signal(&c->wake);
	}
	pthread_mutex_unlock(&c->lock);
	if (rest) {
		move(sql_handle(c->db), sql_path(c->db));
	}
}

void sql_checkpoint_stop(struct sql_checkpoint *c)
{
	if (c == NULL) {
		return;
	}
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->wake);
	sqlite3_close(c->own);
	free(c);
}
