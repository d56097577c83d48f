#include "coordinator/store/view_build.h"

#include "coordinator/store/store_parts.h"

void view_build_row(struct sql_query *q, struct arena *arena, struct build_row *out)
{
	int64_t started = sql_int(q, 18);
	int64_t finished = sql_int(q, 19);
	*out = (struct build_row){
		.result = sql_int(q, 9),
		.target = sql_int(q, 22),
		.view =
			{
				.job = sql_int(q, 0),
				.kind = sql_text(q, 23, arena),
				.package = sql_text(q, 2, arena),
				.version = sql_text(q, 3, arena),
				.target = sql_text(q, 4, arena),
				.mode = sql_text(q, 5, arena),
				.job_state = sql_text(q, 6, arena),
				.attempts = sql_int(q, 8),
				.state = sql_text(q, 10, arena),
				.stage = sql_text(q, 11, arena),
				.reason = sql_text(q, 12, arena),
				.owner = sql_text(q, 13, arena),
				.line = sql_text(q, 14, arena),
				.executor = sql_text(q, 15, arena),
				.proven = sql_int(q, 16) != 0,
				.date = sql_int_or(q, 17, sql_int(q, 7)),
				.seconds = finished > started ? (double)(finished - started) / 1000.0 : 0,
				.tests_passed = sql_int(q, 20),
				.tests_failed = sql_int(q, 21),
				.tests_skipped = sql_int(q, 24),
				.after = sql_int(q, 25),
				.source_sha256 = sql_text(q, 26, arena),
				.toolchain = sql_text(q, 27, arena),
			},
	};
}

static void no_stages(struct build_view *b)
{
	for (int i = 0; i < STAGE_COUNT; i++) {
		b->stages[i] = (struct stage_view){.stage = (enum stage)i, .status = STAGE_STATUS_NOT_RUN};
	}
}

static int read_stages(
	struct sql_db *db, int64_t result, struct arena *arena, struct build_view *b, struct err *e)
{
	struct sql_query q;
	sql_start(&q, db, SQL_VIEW_STAGES, e);
	sql_bind_int(&q, result);
	while (sql_row(&q)) {
		enum stage stage;
		enum stage_status status;
		if (stage_find(sql_str(&q, 0), &stage) && stage_status_find(sql_str(&q, 1), &status)) {
			b->stages[stage] = (struct stage_view){
				.stage = stage,
				.status = status,
				.wall_s = sql_double(&q, 2),
				.cpu_s = sql_double(&q, 3),
				.peak_memory = sql_int(&q, 4),
				.log_from = sql_int(&q, 5),
				.log_to = sql_int(&q, 6),
				.io_read = sql_int(&q, 7),
				.io_write = sql_int(&q, 8),
				.limits = sql_text(&q, 9, arena),
			};
		}
	}
	return sql_end(&q);
}

static int read_imports(
	struct sql_db *db, int64_t result, struct arena *arena, struct build_view *b, struct err *e)
{
	VEC(const char *) names = {0};
	struct sql_query q;
	sql_start(&q, db, SQL_VIEW_IMPORTS, e);
	sql_bind_int(&q, result);
	while (sql_row(&q)) {
		if (sql_int(&q, 1) != 0) {
			*vec_add(&names) = sql_text(&q, 0, arena);
		}
	}
	b->imports = store_list_copy(arena, names.v, names.n, sizeof(*names.v));
	b->import_count = names.n;
	vec_finish(&names);
	return sql_end(&q);
}

static int read_wheel(
	struct sql_db *db, int64_t result, struct arena *arena, struct build_view *b, struct err *e)
{
	struct sql_query q;
	sql_start(&q, db, SQL_VIEW_ARTEFACTS, e);
	sql_bind_int(&q, result);
	/* wheels are sorted first */
	if (sql_row(&q) && str_is(sql_str(&q, 3), "wheel")) {
		b->wheel = sql_text(&q, 0, arena);
		b->wheel_sha256 = sql_text(&q, 1, arena);
		b->wheel_size = sql_int(&q, 2);
	}
	return sql_end(&q);
}

int view_build_complete(struct sql_db *db, const struct build_row *row, struct arena *arena,
	struct build_view *out, struct err *e)
{
	*out = row->view;
	no_stages(out);
	if (row->result == 0) {
		return 0;
	}
	int code = read_stages(db, row->result, arena, out, e);
	if (code == 0) {
		code = read_imports(db, row->result, arena, out, e);
	}
	return code == 0 ? read_wheel(db, row->result, arena, out, e) : code;
}

int view_build_list(struct sql_query *q, struct arena *arena, struct build_view **out,
	size_t *count, int64_t **targets)
{
	VEC(struct build_row) rows = {0};
	while (sql_row(q)) {
		view_build_row(q, arena, vec_add(&rows));
	}
	int code = sql_end(q);
	*out = arena_new(arena, (rows.n + 1) * sizeof(**out));
	*count = rows.n;
	int64_t *ids = arena_new(arena, (rows.n + 1) * sizeof(*ids));
	for (size_t i = 0; code == 0 && i < rows.n; i++) {
		code = view_build_complete(q->db, &rows.v[i], arena, &(*out)[i], q->e);
		ids[i] = rows.v[i].target;
	}
	if (targets != NULL) {
		*targets = ids;
	}
	vec_finish(&rows);
	return code;
}
