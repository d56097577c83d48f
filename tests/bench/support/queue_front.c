/* What people would build instead: the same HTTP front (libmicrohttpd, a pool of threads, each with a
 * connection of its own) before Redis lists as RQ uses them, or PostgreSQL with SKIP LOCKED. It knows
 * as much of the farm's protocol as tests/farm/load.c speaks, checks no token and judges nothing:
 * the least work that leases a job once and keeps its result.
 *
 *   queue_front redis SOCKET JOBS SPEC THREADS
 *   queue_front postgres CONNINFO JOBS SPEC THREADS
 *
 * Fills the empty queue with JOBS jobs whose spec is the file SPEC, prints its port, serves until
 * standard input ends. */
#include <hiredis/hiredis.h>
#include <libpq-fe.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BODY = 64 << 10, CONNECTIONS = 4096, FENCE = 64 };

struct lease {
	bool found;
	char fence[FENCE];
	char spec[BODY];
};

/* One request's body as it comes. */
struct body {
	size_t n;
	char bytes[BODY];
};

static const char *address, *spec;
static bool is_redis;

_Noreturn static void die(const char *what, const char *why)
{
	fprintf(stderr, "queue_front: %s: %s\n", what, why);
	exit(1);
}

/* --- Redis, as RQ has it: a list of ids, a hash a job, registries by time --- */

static redisContext *redis_connect(void)
{
	redisContext *c = redisConnectUnix(address);
	if (c == NULL || c->err != 0) {
		die(address, c != NULL ? c->errstr : "no memory");
	}
	return c;
}

static redisReply *redis_next(redisContext *c)
{
	redisReply *reply = NULL;
	if (redisGetReply(c, (void **)&reply) != REDIS_OK || reply->type == REDIS_REPLY_ERROR) {
		die("redis", reply != NULL ? reply->str : c->errstr);
	}
	return reply;
}

static void redis_drop(redisContext *c, int replies)
{
	for (int i = 0; i < replies; i++) {
		freeReplyObject(redis_next(c));
	}
}

static void redis_fill(long jobs)
{
	redisContext *c = redis_connect();
	for (long i = 1; i <= jobs; i++) {
		redisAppendCommand(c, "HSET job:%ld data %s status queued", i, spec);
		redisAppendCommand(c, "RPUSH queue %ld", i);
		if (i % 1000 == 0 || i == jobs) {
			redis_drop(c, (int)(2 * (i % 1000 != 0 ? i % 1000 : 1000)));
		}
	}
	redisFree(c);
}

static void redis_turn(
	redisContext *c, const char *fence, const struct body *result, struct lease *out)
{
	long now = (long)time(NULL);
	if (fence != NULL) {
		redisAppendCommand(c, "MULTI");
		redisAppendCommand(c, "HSET job:%s status finished ended %ld result %b", fence, now,
			result->bytes, result->n);
		redisAppendCommand(c, "ZREM started %s", fence);
		redisAppendCommand(c, "ZADD finished %ld %s", now, fence);
		redisAppendCommand(c, "EXEC");
	}
	redisAppendCommand(c, "LMOVE queue intermediate LEFT RIGHT");
	redis_drop(c, fence != NULL ? 5 : 0);
	redisReply *id = redis_next(c);
	out->found = id->type == REDIS_REPLY_STRING;
	if (out->found) {
		snprintf(out->fence, FENCE, "%s", id->str);
		redisAppendCommand(c, "HGET job:%s data", id->str);
		redisAppendCommand(c, "MULTI");
		redisAppendCommand(c, "HSET job:%s status started started %ld", id->str, now);
		redisAppendCommand(c, "ZADD started %ld %s", now + 60, id->str);
		redisAppendCommand(c, "LREM intermediate 1 %s", id->str);
		redisAppendCommand(c, "EXEC");
		redisReply *data = redis_next(c);
		snprintf(out->spec, BODY, "%s", data->str);
		freeReplyObject(data);
		redis_drop(c, 5);
	}
	freeReplyObject(id);
}

/* --- PostgreSQL: one table of jobs, one of results; both steps in one transaction and round trip --- */

static const char schema[] =
	"CREATE TABLE job (id bigint PRIMARY KEY, priority bigint NOT NULL, state text NOT NULL,"
	" spec text NOT NULL, fence text, deadline timestamptz, finished timestamptz);"
	"CREATE INDEX job_queued ON job (priority, id) WHERE state = 'queued';"
	"CREATE TABLE result (job bigint PRIMARY KEY REFERENCES job, body text NOT NULL,"
	" accepted timestamptz NOT NULL DEFAULT now())";
static const char finish[] =
	"WITH d AS (UPDATE job SET state = 'done', finished = now()"
	" WHERE id = split_part($1, '-', 1)::bigint AND fence = $1 AND state = 'leased' RETURNING id)"
	" INSERT INTO result (job, body) SELECT id, $2 FROM d";
static const char lease[] =
	"UPDATE job SET state = 'leased', fence = id || '-' || gen_random_uuid(),"
	" deadline = now() + interval '60 s' WHERE id = (SELECT id FROM job WHERE state = 'queued'"
	" ORDER BY priority, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING fence, spec";

static PGconn *pg_connect(void)
{
	PGconn *c = PQconnectdb(address);
	if (PQstatus(c) != CONNECTION_OK) {
		die(address, PQerrorMessage(c));
	}
	return c;
}

static void pg_check(PGconn *c, PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_PIPELINE_SYNC) {
		die("postgres", PQerrorMessage(c));
	}
	PQclear(r);
}

static void pg_fill(long jobs)
{
	PGconn *c = pg_connect();
	char count[32];
	snprintf(count, sizeof(count), "%ld", jobs);
	const char *values[] = {count, spec};
	pg_check(c, PQexec(c, schema));
	pg_check(c,
		PQexecParams(c,
			"INSERT INTO job (id, priority, state, spec) SELECT i, i, 'queued', $2"
			" FROM generate_series(1, $1::bigint) i",
			2, NULL, values, NULL, NULL, 0));
	pg_check(c, PQexec(c, "ANALYZE job"));
	PQfinish(c);
}

static PGconn *pg_prepare(void)
{
	PGconn *c = pg_connect();
	pg_check(c, PQprepare(c, "finish", finish, 2, NULL));
	pg_check(c, PQprepare(c, "lease", lease, 0, NULL));
	if (PQenterPipelineMode(c) != 1) {
		die("postgres", "no pipeline");
	}
	return c;
}

static PGresult *pg_next(PGconn *c)
{
	PGresult *r = PQgetResult(c);
	return r != NULL ? r : PQgetResult(c); /* NULL ends each statement of a pipeline */
}

static void pg_turn(PGconn *c, const char *fence, const struct body *result, struct lease *out)
{
	if (fence != NULL) {
		const char *values[] = {fence, result->bytes};
		PQsendQueryPrepared(c, "finish", 2, values, NULL, NULL, 0);
	}
	PQsendQueryPrepared(c, "lease", 0, NULL, NULL, NULL, 0);
	PQpipelineSync(c); /* what stands before it is one transaction */
	if (fence != NULL) {
		pg_check(c, pg_next(c));
	}
	PGresult *r = pg_next(c);
	out->found = PQntuples(r) == 1;
	if (out->found) {
		snprintf(out->fence, FENCE, "%s", PQgetvalue(r, 0, 0));
		snprintf(out->spec, BODY, "%s", PQgetvalue(r, 0, 1));
	}
	pg_check(c, r);
	pg_check(c, pg_next(c));
}

/* --- HTTP --- */

static _Thread_local redisContext *own_redis;
static _Thread_local PGconn *own_pg;

static void turn(const char *fence, const struct body *result, struct lease *out)
{
	if (is_redis) {
		own_redis = own_redis != NULL ? own_redis : redis_connect();
		redis_turn(own_redis, fence, result, out);
	} else {
		own_pg = own_pg != NULL ? own_pg : pg_prepare();
		pg_turn(own_pg, fence, result, out);
	}
}

static enum MHD_Result reply(struct MHD_Connection *connection, unsigned status, const char *text)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
	MHD_add_response_header(r, "Content-Type", "application/json");
	enum MHD_Result sent = MHD_queue_response(connection, status, r);
	MHD_destroy_response(r);
	return sent;
}

static enum MHD_Result answer(
	struct MHD_Connection *connection, const char *url, const struct body *body)
{
	static _Thread_local struct lease l;
	static _Thread_local char text[BODY + 256];
	char fence[FENCE] = "";
	bool is_result = strstr(url, "/result") != NULL;
	if (strstr(url, "/hello") != NULL) {
		return reply(connection, 200, "{}");
	}
	if (is_result) {
		const char *at = strstr(body->bytes, "\"fence\":\"");
		if (at == NULL || sscanf(at + 9, "%63[^\"]", fence) != 1) {
			return reply(connection, 400, "{}");
		}
	}
	turn(is_result ? fence : NULL, body, &l);
	if (!l.found) {
		return is_result ? reply(connection, 200, "{\"accepted\":true}")
						 : reply(connection, 204, "");
	}
	snprintf(text, sizeof(text), "%s{\"fence\":\"%s\",\"job\":%s}%s",
		is_result ? "{\"accepted\":true,\"lease\":" : "", l.fence, l.spec, is_result ? "}" : "");
	return reply(connection, 200, text);
}

static enum MHD_Result on_access(void *user, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *data, size_t *size, void **request)
{
	struct body *body = *request;
	(void)user, (void)method, (void)version;
	if (body == NULL) {
		*request = calloc(1, sizeof(*body));
		return *request != NULL ? MHD_YES : MHD_NO;
	}
	if (*size > 0) {
		if (*size >= BODY - body->n) {
			return MHD_NO;
		}
		memcpy(body->bytes + body->n, data, *size);
		body->n += *size;
		*size = 0;
		return MHD_YES;
	}
	return answer(connection, url, body);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **request,
	enum MHD_RequestTerminationCode why)
{
	(void)user, (void)connection, (void)why;
	free(*request);
	*request = NULL;
}

static const char *read_spec(const char *path)
{
	static char text[BODY];
	FILE *file = fopen(path, "r");
	if (file == NULL || fread(text, 1, sizeof(text) - 1, file) == 0) {
		die(path, "cannot be read");
	}
	fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	if (argc != 6) {
		die("usage", "queue_front redis|postgres ADDRESS JOBS SPEC THREADS");
	}
	is_redis = strcmp(argv[1], "redis") == 0;
	address = argv[2];
	spec = read_spec(argv[4]);
	(is_redis ? redis_fill : pg_fill)(atol(argv[3]));
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	/* poll: with epoll a pool of threads may miss a request when a thousand clients come at once */
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_POLL_INTERNAL_THREAD, 0, NULL, NULL,
		on_access, NULL, MHD_OPTION_SOCK_ADDR, &here, MHD_OPTION_THREAD_POOL_SIZE,
		(unsigned)atoi(argv[5]), MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
		MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
	if (daemon == NULL) {
		die("HTTP", "the server did not start");
	}
	printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	while (getchar() != EOF) {
	}
	MHD_stop_daemon(daemon);
	return 0;
}
