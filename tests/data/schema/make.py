"""Makes the fixtures of this folder: what a farm of each schema left behind, as SQL.

    make.py [NUMBER …]

Only those that are not there; one that was released is never made again, as it stands for databases
that are out there. Rows of a table come with the schema that made it and go through the migrations
after it."""

import pathlib
import sqlite3
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
MIGRATIONS = sorted((HERE.parents[2] / "sql/migrate").glob("*.sql"))
REPORT = zlib.compress(b'{"file":"demo-1.0-py3-none-any.whl"}').hex()

# After the migration of that number.
ROWS = {
    1: f"""
INSERT INTO target VALUES (1, 'cp313-manylinux_2_28_aarch64', '3.13', 0, 'manylinux_2_28_aarch64',
  'glibc'), (2, 'cp313-win_arm64', '3.13', 0, 'win_arm64', 'windows');
INSERT INTO package (id, name, display, rank, downloads, newest, newest_date, scanned, etag, serial)
  VALUES (1, 'demo', 'Demo', 1, 1000, '1.0', 1600000000000, 1700000000000, '"e"', 7),
  (2, 'other', NULL, 2, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO file (package, filename, version, kind, url, sha256, size) VALUES
  (1, 'demo-1.0.tar.gz', '1.0', 'sdist', 'https://files.example/demo-1.0.tar.gz', '{"a" * 64}', 9);
INSERT INTO published VALUES (1, 1, 'sdist_only', NULL, NULL, '1.0', 'demo-1.0.tar.gz', NULL, NULL, 0, 0,
  NULL, 1);
INSERT INTO headline VALUES (1, 1, 'builds', '1.0', 1700000000000),
  (1, 2, 'missing', '1.0', 1700000000000);
INSERT INTO headline_change (package, target, at, was, became, version) VALUES
  (1, 1, 1690000000000, NULL, 'missing', '1.0'), (1, 1, 1700000000000, 'missing', 'builds', '1.0');
INSERT INTO agent (id, name, token_hash, trusted, local, state, capabilities, version, added, seen,
  faults) VALUES (1, 'one', '{"1" * 64}', 1, 0, 'active', NULL, '0.1.0', 5, 6, 2),
  (2, 'two', '{"2" * 64}', 0, 0, 'revoked', NULL, NULL, 5, NULL, 0);
INSERT INTO job (id, key, kind, package, version, target, mode, spec, needs, state, priority, attempts,
  farm_faults, limit_faults, not_before, avoid_agent, created, finished) VALUES
  (1, '{"b" * 64}', 'build', 1, '1.0', 1, 'cross', '{{"id":1}}', '{{"toolchains":["cross-zig"]}}',
    'done', 1, 2, 1, 0, 0, 2, 7, 9),
  (2, '{"c" * 64}', 'build', 1, '1.0', 2, 'cross', '{{"id":2}}', '{{}}', 'leased', 2, 1, 0, 0, 0, NULL,
    7, NULL),
  (3, '{"d" * 64}', 'build', 2, '2.0', 2, 'cross', '{{"id":3}}', '{{}}', 'queued', 3, 0, 0, 0, 8, NULL,
    7, NULL);
INSERT INTO lease (id, job, agent, attempt, fence, granted, deadline, hard_deadline, stage, ended,
  outcome) VALUES (1, 1, 2, 1, '{"e" * 48}', 7, 8, 99, 'build', 8, 'farm_fault'),
  (2, 1, 1, 2, '{"f" * 48}', 8, 9, 99, 'test', 9, 'result'),
  (3, 2, 1, 1, '{"0" * 48}', 8, 4000000000000, 4000000000000, 'fetch', NULL, NULL);
INSERT INTO result (id, job, lease, accepted, state, stage, reason, owner, line, mode, executor, proven,
  tests_passed, tests_failed, log_sha256, log_size, started, finished, recipe_commit, recipe_dirty, final,
  body) VALUES
  (1, 1, 1, 8, 'fail', 'build', 'network', 'farm', 'no route', 'cross', '', 0, 0, 0, NULL, 0, 7, 8, NULL,
    0, 0, '{{}}'),
  (2, 1, 2, 9, 'pass', NULL, NULL, NULL, NULL, 'cross', 'qemu-user', 1, 3, 0, '{"3" * 64}', 77, 8, 9,
    '{"4" * 40}', 0, 1, '{{}}');
INSERT INTO result_stage (result, position, stage, status, wall_s, cpu_s, peak_memory, log_from, log_to)
  VALUES (2, 0, 'build', 'pass', 1.5, 1.25, 1048576, 0, 77);
INSERT INTO artefact VALUES (2, 'demo-1.0-cp313-cp313-manylinux_2_28_aarch64.whl', '{"5" * 64}', 1234,
  'wheel', '{{}}');
INSERT INTO import_result VALUES (2, 0, 'demo', 1, 1, NULL);
""",
    2: """
INSERT INTO night (id, started, ended, whole, list, asked, read, last_change) VALUES
  (1, 1700000000000, 1700000001000, 1, 'h', 2, 1, 1), (2, 1700000002000, NULL, 0, 'h', 2, 0, 0);
INSERT INTO published_fact (package, number, targets, state, sdist_version, sdist_file, lost_accelerator,
  emulated_alternative, compiled_elsewhere) VALUES
  (1, 0, '11', 'sdist_only', '1.0', 'demo-1.0.tar.gz', 0, 0, 1);
INSERT INTO change (at, package, targets, was, became, was_version, version) VALUES
  (1700000003000, 1, '01', 'sm', 'sb', '1.0', '1.0');
""",
    3: "INSERT INTO job_after VALUES (3, 2);",
    4: f"""
INSERT INTO wheel (sha256, filename, package, rules, columns, depth, inspected, size, bundled, errors,
  warnings, problems, report_size, report) VALUES
  ('{"6" * 64}', 'demo-1.0-py3-none-any.whl', 1, 1, 1, 'full', 1700000000000, 99, '[]', 0, 0, '[]', 36,
    x'{REPORT}');
""",
    5: """
INSERT INTO audit (at, who, action, subject, outcome) VALUES (9, 'local', 'agent_add', 'one', 'ok');
""",
}


def dump(number):
    db = sqlite3.connect(":memory:", isolation_level=None)
    for i, migration in enumerate(MIGRATIONS[:number], 1):
        db.executescript(migration.read_text(encoding="utf-8") + ROWS.get(i, ""))
    lines = [line for line in db.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
    return "\n".join([*lines, f"PRAGMA user_version = {number};", ""])


def main():
    wanted = [int(word) for word in sys.argv[1:]] or range(1, len(MIGRATIONS) + 1)
    for number in wanted:
        path = HERE / f"{number:04}.sql"
        if not path.exists():
            path.write_text(dump(number), encoding="utf-8")
            print(path.name)


if __name__ == "__main__":
    main()
