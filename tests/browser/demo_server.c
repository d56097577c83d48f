/* The dashboard on a database made from a small SQL file, for looking at pages without a farm:
 *
 *   demo_server FOLDER [FILE.sql]
 *
 * makes FOLDER/facts.db and a log of 900 lines, prints the address as one line, and serves until its
 * standard input ends. Without a file the database stays empty. */
#include "core/base/mem.h"
#include "core/io/file.h"
#include "core/io/loop.h"
#include "coordinator/store/file_pack.h"
#include "coordinator/store/log.h"
#include "coordinator/store/package.h"
#include "coordinator/store/store.h"
#include "web/server.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct demo {
	uv_loop_t loop;
	uv_pipe_t input;
	struct server *server;
	struct blob_store blobs;
	char byte;
};

/* What a compiler and a hostile setup.py could print together. */
static void write_log(struct buf *out)
{
	for (int i = 1; i <= 600; i++) {
		buf_printf(out, "[%d/900] aarch64-windows-gnu-cc -c src/core/part%d.c\n", i, i);
	}
	buf_add_text(out, "\x1b[1;35mwarning:\x1b[0m <script>document.title='owned'</script>\n");
	buf_add_text(out,
		"10%\r20%\rdone\x1b[2K\x07 \xE2\x80\xAE"
		"reversed \xFF\n");
	for (int i = 0; i < 500; i++) {
		buf_add_text(out, "one-long-line-");
	}
	buf_add_text(out,
		"\nsrc/core/lib/gpr/atm.c:12:3: error: use of undeclared identifier "
		"'_InterlockedExchange'\n");
	for (int i = 601; i <= 900; i++) {
		buf_printf(out, "[%d/900] aarch64-windows-gnu-cc -c src/core/part%d.c\n", i, i);
	}
}

static int run_sql(const char *database, const char *sql, struct err *e)
{
	sqlite3 *db = NULL;
	char *problem = NULL;
	int code = 0;
	if (sqlite3_open(database, &db) != SQLITE_OK ||
		sqlite3_exec(db, sql, NULL, NULL, &problem) != 0) {
		code =
			err_set(e, ERR_DATABASE, "%s: %s", database, problem != NULL ? problem : "not opened");
	}
	sqlite3_free(problem);
	sqlite3_close(db);
	return code;
}

/* Wheels of cryptography as they came and, on Windows, went. */
static void write_files(struct buf *out)
{
	static const char *const versions[] = {"45.0.0", "46.0.0", "46.0.3", "50.0.2"};
	static const char *const platforms[] = {
		"manylinux_2_28_aarch64", "musllinux_1_2_aarch64", "win_arm64"};
	struct store_file files[11] = {0};
	char names[11][96];
	size_t n = 0;
	for (size_t v = 0; v < 4; v++) {
		for (size_t p = 0; p < (v == 1 || v == 2 ? 3 : 2); p++) {
			snprintf(names[n], sizeof(names[n]), "cryptography-%s-cp311-abi3-%s.whl", versions[v],
				platforms[p]);
			files[n] = (struct store_file){.filename = str_from(names[n]),
				.version = str_from(versions[v]),
				.kind = "wheel",
				.url = STR("x"),
				.size = -1,
				.uploaded = INT64_C(1750000000000)};
			n++;
		}
	}
	file_pack_write(files, n, out);
}

/* What no line of SQL can say; where there is no such package, nothing. */
static int put_files(const char *database, struct err *e)
{
	struct buf pack = {0};
	struct arena arena = {0};
	struct store_package package;
	struct store *s;
	int code = store_open(database, STORE_WRITE, &s, e);
	if (code == 0) {
		code = store_package_get(s, STR("cryptography"), &arena, &package, e);
	}
	if (code == 0) {
		write_files(&pack);
		code = store_files_replace(s, package.id, buf_view(&pack), 10, e);
	}
	store_close(s);
	arena_finish(&arena);
	buf_finish(&pack);
	return code == ERR_NOT_FOUND ? 0 : code;
}

static int fill(
	struct demo *d, const char *folder, const char *database, const char *sql_file, struct err *e)
{
	struct buf sql = {0};
	struct buf log = {0};
	char hex[SHA256_HEX];
	struct store *s;
	int code = store_open(database, STORE_WRITE, &s, e);
	if (code != 0) {
		return code;
	}
	store_close(s);
	char *blobs = file_join(folder, "store");
	code = blob_store_open(&d->blobs, blobs, e);
	free(blobs);
	if (code != 0 || sql_file == NULL) {
		return code;
	}
	write_log(&log);
	code = blob_store_add(&d->blobs, buf_view(&log), hex, e);
	if (code == 0) {
		code = file_read(sql_file, 1 << 20, &sql, e);
	}
	buf_printf(&sql, "\nUPDATE result SET log_sha256 = '%s', log_blob = '%s', log_size = %zu;", hex,
		hex, log.n);
	char *live_folder = store_log_live_folder(database);
	char *live = store_log_live_path(live_folder, 3, 1);
	if (code == 0) {
		code = run_sql(database, sql.p, e);
	}
	if (code == 0) {
		code = put_files(database, e);
	}
	if (code == 0) {
		code = file_make_folders(live_folder, e);
	}
	if (code == 0) {
		code = file_write_atomic(live, STR("first line\nsecond line\nhalf a li"), e);
	}
	free(live_folder);
	free(live);
	buf_finish(&sql);
	buf_finish(&log);
	return code;
}

static void on_allocate(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	struct demo *d = handle->data;
	*out = uv_buf_init(&d->byte, 1);
}

static void on_input(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct demo *d = stream->data;
	if (n < 0) {
		uv_close((uv_handle_t *)stream, NULL);
		server_stop(d->server, NULL, NULL);
	}
}

int main(int argc, char **argv)
{
	struct demo d = {0};
	struct err e = {0};
	if (argc < 2) {
		fprintf(stderr, "usage: demo_server FOLDER [FILE.sql]\n");
		return 2;
	}
	char *database = file_join(argv[1], "facts.db");
	int code = file_make_folders(argv[1], &e);
	if (code == 0) {
		code = fill(&d, argv[1], database, argc > 2 ? argv[2] : NULL, &e);
	}
	uv_loop_init(&d.loop);
	const struct server_options options = {
		.database = database,
		.blobs = &d.blobs,
		.python = "cp313",
	};
	if (code == 0) {
		code = server_start(&d.loop, &options, &d.server, &e);
	}
	if (code == 0) {
		printf("%s\n", server_url(d.server));
		fflush(stdout);
		uv_pipe_init(&d.loop, &d.input, 0);
		d.input.data = &d;
		uv_pipe_open(&d.input, STDIN_FILENO);
		uv_read_start((uv_stream_t *)&d.input, on_allocate, on_input);
		uv_run(&d.loop, UV_RUN_DEFAULT);
	} else {
		fprintf(stderr, "demo_server: %s\n", e.text);
	}
	uv_loop_close(&d.loop);
	blob_store_finish(&d.blobs);
	free(database);
	return code == 0 ? 0 : 3;
}
