-- A small farm for looking at pages: every state that a page must show, on nine targets. The log's
-- hash and size are filled in by demo_server.c. Times: 2026-11-22T00:00:00Z is 1795305600000.
INSERT INTO target (id, name, python, free_threaded, platform, family) VALUES
  (1, 'cp313-manylinux_2_28_aarch64', '3.13', 0, 'manylinux_2_28_aarch64', 'glibc'),
  (2, 'cp313t-manylinux_2_28_aarch64', '3.13', 1, 'manylinux_2_28_aarch64', 'glibc'),
  (3, 'cp314-manylinux_2_28_aarch64', '3.14', 0, 'manylinux_2_28_aarch64', 'glibc'),
  (4, 'cp313-musllinux_1_2_aarch64', '3.13', 0, 'musllinux_1_2_aarch64', 'musl'),
  (5, 'cp313t-musllinux_1_2_aarch64', '3.13', 1, 'musllinux_1_2_aarch64', 'musl'),
  (6, 'cp314-musllinux_1_2_aarch64', '3.14', 0, 'musllinux_1_2_aarch64', 'musl'),
  (7, 'cp313-win_arm64', '3.13', 0, 'win_arm64', 'windows'),
  (8, 'cp313t-win_arm64', '3.13', 1, 'win_arm64', 'windows'),
  (9, 'cp314-win_arm64', '3.14', 0, 'win_arm64', 'windows');

INSERT INTO package (id, name, rank, downloads, status, newest, newest_date, scanned, problem) VALUES
  (1, 'markupsafe', 41, 503000000, 'active', '3.0.4', 1758970000000, 1795391000000, NULL),
  (2, 'cryptography', 13, 1104000000, 'active', '50.0.2', 1790700000000, 1795391000000, NULL),
  (3, 'grpcio', 85, 220000000, 'active', '1.82.0', 1794000000000, 1795391000000, NULL),
  (4, 'charset-normalizer', 9, 1300000000, 'active', '4.0.1', 1794000000000, 1795391000000, NULL),
  (5, 'never-scanned', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (6, 'hostile', 14999, 12, '<i>archived</i>', '1"><b>', 1794000000000, 1795391000000,
    '</p><script>document.title="owned"</script>'),
  (7, 'a-name-that-is-as-long-as-somebody-could-make-it-without-any-place-for-a-line-to-break',
    15000, 3, 'active', '0.1', 1794000000000, 1795391000000, NULL);
INSERT INTO package (name, rank, downloads, status, newest, scanned)
  WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 259)
  SELECT 'filler-' || i, i + 200, 1000000 - i, 'active', '1.0', 1795391000000 FROM n;

INSERT INTO published_fact (package, number, targets, state, version, file, sdist_version, first_version,
    first_date, newest_version, newest_date, behind, lost_accelerator, emulated_alternative, vanished,
    compiled_elsewhere)
  SELECT id, 1, '111111111', 'wheel', newest, name || '-' || newest || '.whl', newest, '1.0',
    1600000000000, newest, newest_date, 0, 0, 0, NULL, 1
  FROM package WHERE scanned IS NOT NULL;
UPDATE published_fact SET targets = '111111000' WHERE package = 2;
UPDATE published_fact SET targets = '111000000' WHERE package = 3;
UPDATE published_fact SET targets = '111111100' WHERE package = 4;
INSERT INTO published_fact (package, number, targets, state, version, file, sdist_version, first_version,
    first_date, newest_version, newest_date, behind, lost_accelerator, emulated_alternative, vanished,
    compiled_elsewhere) VALUES
  (2, 2, '000000111', 'sdist', '50.0.2', NULL, '50.0.2', '46.0.0', 1758000000000, '46.0.3',
    1760500000000, 14, 0, 1, '46.0.3', 1),
  (3, 2, '000111111', 'sdist', '1.82.0', NULL, '1.82.0', NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, 1),
  (4, 2, '000000011', 'pure', '4.0.1', 'charset_normalizer-4.0.1-py3-none-any.whl', '4.0.1', '3.0.0',
    1600000000000, '3.4.4', 1760400000000, 6, 1, 0, '3.4.4', 1);

UPDATE package SET words = 'rrrrrrrrr', since = '1794000000000*9' WHERE scanned IS NOT NULL;
UPDATE package SET words = 'rrrrrrvvv' WHERE id = 2;
UPDATE package SET words = 'rrrbmmmmm' WHERE id = 3;
UPDATE package SET words = 'rrrrrrrdd' WHERE id = 4;

-- Dependencies were read; on Windows some wait for others, one of which nobody has counted.
UPDATE package SET dependencies = 'ooooooooo' WHERE id IN (1, 2, 3, 4) OR name LIKE 'filler-%';
UPDATE package SET words = 'rrrrrrkkk', dependencies = 'ooooookkk'
WHERE name BETWEEN 'filler-250' AND 'filler-256';
UPDATE package SET downloads = NULL WHERE name = 'filler-256';
INSERT INTO blocker (package, number, targets, root, version, reason, path)
  SELECT id, 1, '000000111', 'grpcio', '1.82.0', 'no_wheel', name || ' 1.0 -> grpcio 1.82.0'
  FROM package WHERE name BETWEEN 'filler-250' AND 'filler-255';
INSERT INTO blocker (package, number, targets, root, version, reason, path)
  SELECT id, 2, '000000111', 'cryptography', '50.0.2', 'no_wheel', name || ' 1.0 -> cryptography 50.0.2'
  FROM package WHERE name BETWEEN 'filler-254' AND 'filler-255';
INSERT INTO blocker (package, number, targets, root, version, reason, path)
  SELECT id, 1, '000000111', 'never-scanned', NULL, 'no_wheel', name || ' 1.0 -> never-scanned'
  FROM package WHERE name = 'filler-256';
-- This one waits for what the farm has built: with that it can be had.
UPDATE package SET words = 'rrrkrrrrr', dependencies = 'oookooooo', with_built = '...o' WHERE name = 'filler-240';
INSERT INTO blocker (package, number, targets, root, version, reason, path)
  SELECT id, 1, '000100000', 'grpcio', '1.82.0', 'no_wheel', name || ' 1.0 -> grpcio 1.82.0'
  FROM package WHERE name = 'filler-240';
INSERT INTO need (package, extra, name)
  SELECT package, '', root FROM blocker;

-- Two nights; between them a package lost its wheels on Windows, another got some.
INSERT INTO night (id, started, ended, whole, list, asked, read, unchanged, absent, bad, failed, received,
    last_change) VALUES
  (1, 1793900000000, 1793900600000, 1, 'x', 167, 167, 0, 0, 0, 0, 90000000, 0),
  (2, 1795300000000, 1795300060000, 1, 'x', 167, 5, 160, 0, 1, 1, 4000000, 4);
INSERT INTO night (id, started, ended, whole, list, asked) WITH RECURSIVE n(i) AS
  (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 16)
  SELECT i, 1795300000000 + (i - 2) * 40000000, 1795300060000 + (i - 2) * 40000000, 1, 'y', 1 FROM n;
UPDATE night SET last_change = 4 WHERE id > 2;
INSERT INTO trend (target, top, night, packages, ready, downloads, ready_downloads)
  SELECT t.id, 0, n.id, 167, 150 + n.id - t.id, 3000000000, 1500000000 + n.id * 20000000 - t.id * 30000000
  FROM target t, night n;
INSERT INTO change (id, at, package, targets, was, became, was_version, version) VALUES
  (1, 1794000000000, 2, '000000111', 'wr', 'Sv', '46.0.3', '46.0.4'),
  (2, 1794000000000, 4, '000000011', 'wr', 'Ld', '3.4.4', '4.0.0'),
  (3, 1795300000000, 3, '0001', 'sm', 'sb', '1.82.0', '1.82.0'),
  (4, 1795300010000, 6, '111111111', 'nm', 'wr', NULL, '1"><b>');

INSERT INTO agent (id, name, token_hash, trusted, state, added, seen) VALUES
  (1, 'local-1', 'x', 1, 'active', 1794000000000, 1795391000000),
  (2, 'arm-board', 'y', 1, 'quarantined', 1794000000000, 1795390000000);
UPDATE agent SET faults = 5, why = 'five faults in a row' WHERE id = 2;
INSERT INTO job (id, key, kind, package, version, target, mode, needs, state, priority, attempts,
    created, finished) VALUES
  (1, 'k1', 'build', 3, '1.82.0', 7, 'cross', '{}', 'done', 1, 1,
    1795300000000, 1795300100000),
  (2, 'k2', 'build', 3, '1.82.0', 4, 'cross', '{}', 'done', 1, 1,
    1795300000000, 1795300300000),
  (3, 'k3', 'build', 2, '50.0.2', 7, 'cross', '{}', 'leased', 1,
    1, 1795300000000, NULL),
  (4, 'k4', 'build', 2, '50.0.2', 8, 'cross', '{}', 'queued', 1,
    0, 1795300000000, NULL);
INSERT INTO job_spec (job, spec) VALUES
  (1, '{"id":1,"package":"grpcio"}'),
  (2, '{"id":2,"package":"grpcio","recipe":{"commit":"8c7de11a9f0b","dirty":true,"object":"5e1d","env":
    [{"target":"*","name":"GRPC_BUILD_WITH_SYSTEM_ZLIB","value":"1"}],"tools":[],"libraries":["zlib"],
    "test_command":["python","-m","pytest","<b>"],"min_tests":12}}'),
  (3, '{"id":3,"package":"cryptography"}'),
  (4, '{"id":4,"package":"cryptography"}');
UPDATE job_spec SET source = 'grpcio-1.82.0.tar.gz', source_sha256 = printf('%064d', 82) WHERE job < 3;
INSERT INTO lease (id, job, agent, attempt, fence, granted, deadline, hard_deadline, stage, ended,
    outcome) VALUES
  (1, 1, 1, 1, 'f1', 1795300000000, 1795300060000, 1795303600000, 'build', 1795300100000, 'result'),
  (2, 2, 1, 1, 'f2', 1795300000000, 1795300060000, 1795303600000, 'test', 1795300300000, 'result'),
  (3, 3, 1, 1, 'f3', 1795300000000, 4000000000000, 4000000000000, 'build', NULL, NULL);
INSERT INTO result (id, job, lease, accepted, state, stage, reason, owner, line, mode, executor, proven,
    tests_passed, tests_failed, log_sha256, log_size, started, finished, recipe_commit, recipe_dirty,
    final, body) VALUES
  (1, 1, 1, 1795300100000, 'fail', 'build', 'compiler_dialect', 'package',
    'src/core/lib/gpr/atm.c:12:3: error: use of undeclared identifier ''_InterlockedExchange''',
    'cross', NULL, 0, 0, 0, 'demo', 0, 1795300010000, 1795300100000, '8c7de11a', 1, 1, '{}'),
  (2, 2, 2, 1795300300000, 'pass', NULL, NULL, NULL, NULL, 'cross', 'qemu', 1, 12, 0, 'demo', 0,
    1795300010000, 1795300300000, '8c7de11a', 0, 1, '{}');
UPDATE result SET body = json_object('stages', (
    SELECT json_group_array(json_object('stage', s, 'status', iif(i = 3, 'fail', 'pass'), 'wall_s', w,
      'cpu_s', c, 'peak_memory', m, 'log_to', iif(i = 3, 1000000000, 0))) FROM (
      SELECT 0 AS i, 'fetch' AS s, 0.4 AS w, 0.1 AS c, 1000000 AS m UNION ALL
      SELECT 1, 'unpack', 0.2, 0.1, 1000000 UNION ALL SELECT 2, 'prepare', 12.5, 8, 90000000 UNION ALL
      SELECT 3, 'build', 71.25, 130.5, 700000000))) WHERE id = 1;
UPDATE result SET body = json_object('stages', (
    SELECT json_group_array(json_object('stage', s, 'status', 'pass', 'wall_s', i + 0.5, 'cpu_s', i,
      'peak_memory', i * 10000000)) FROM (
      SELECT 0 AS i, 'fetch' AS s UNION SELECT 1, 'unpack' UNION SELECT 2, 'prepare' UNION
      SELECT 3, 'build' UNION SELECT 4, 'repair' UNION SELECT 5, 'inspect' UNION
      SELECT 6, 'install' UNION SELECT 7, 'import' UNION SELECT 8, 'test')),
    'imports', json('[{"module":"grpc","ok":true,"native":false},
      {"module":"grpc._cython.cygrpc","ok":true,"native":true}]')) WHERE id = 2;
INSERT INTO artefact (result, filename, sha256, size, kind, inspect) VALUES
  (2, 'grpcio-1.82.0-cp313-cp313-musllinux_1_2_aarch64.whl',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 6123456, 'wheel',
    '{"ok":true,"problems":[]}');

-- Wheels that were looked into: one that is fine, one with much to say, one that cannot work.
UPDATE published_fact SET file_sha256 = printf('%064d', package) WHERE package IN (1, 4, 6) AND number = 1;
INSERT INTO wheel (sha256, filename, package, rules, columns, depth, inspected, size, machine, glibc,
    page_size, bundled, errors, warnings, worst, problems, broken, report_size, report) VALUES
  (printf('%064d', 1), 'markupsafe-3.0.4.whl', 1, 2, 1, 'full', 1795391000000, 24000, 'aarch64', '2.17',
    65536, '[]', 0, 0, NULL, '[]', NULL, 0, x''),
  (printf('%064d', 4), 'charset-normalizer-4.0.1.whl', 4, 2, 1, 'headers', 1795391000000, 1500000,
    'aarch64', '2.28', 4096, '["libfoo-1a2b3c4d.so.3","libbar-5e6f.so.1","libz-0a1b.so.1"]', 0, 3,
    'page_alignment', '[{"code":"page_alignment","severity":"warning","path":"charset_normalizer/md.cpython-313-aarch64-linux-gnu.so",
    "detail":"a LOAD segment is aligned to 4096 bytes"},
    {"code":"page_alignment","severity":"warning","path":"charset_normalizer.libs/libfoo-1a2b3c4d.so.3","detail":"a LOAD segment is aligned to 4096 bytes"},
    {"code":"bad_rpath","severity":"warning","path":"charset_normalizer/md.so","detail":"RUNPATH is /build/lib"},
    {"code":"stray_build_file","severity":"note","path":"charset_normalizer/libmd.a","detail":"a static library"}]',
    NULL, 0, x''),
  (printf('%064d', 6), '<b>hostile</b>.whl', 6, 2, 1, 'full', 1795391000000, 99, 'x86_64', '2.39', NULL,
    '["<script>document.title=1</script>.so"]', 1, 0, 'machine_mismatch',
    '[{"code":"machine_mismatch","severity":"error","path":"demo/<i>.so","detail":"code for x86_64, \"the\" tag says aarch64"},
    {"code":"no_such_code","severity":"warning","path":"","detail":"of a newer program"}]', 'machine_mismatch', 0, x'');
UPDATE package SET words = 'xxxxxxxxx' WHERE id = 6;

-- Published wheels that were tried: one passes against the word of its bytes, one fails without such a word.
INSERT INTO job (id, key, kind, package, version, target, mode, needs, state, priority, attempts, created,
    finished) VALUES
  (5, 'k5', 'test_published', 6, '1"><b>', 7, 'emulated', '{}', 'done', 1, 1, 1795390000000, 1795390100000),
  (6, 'k6', 'test_published', 4, '4.0.1', 1, 'emulated', '{}', 'done', 1, 1, 1795390000000, 1795390100000);
INSERT INTO job_spec (job, spec) VALUES (5, '{"id":5}'), (6, '{"id":6}');
INSERT INTO lease (id, job, agent, attempt, fence, granted, deadline, hard_deadline, stage, ended,
    outcome) VALUES
  (5, 5, 1, 1, 'f5', 1795390000000, 1795390060000, 1795393600000, 'import', 1795390100000, 'result'),
  (6, 6, 1, 1, 'f6', 1795390000000, 1795390060000, 1795393600000, 'import', 1795390100000, 'result');
INSERT INTO result (id, job, lease, accepted, state, stage, reason, owner, line, mode, executor, proven,
    tests_passed, tests_failed, log_size, started, finished, recipe_dirty, final, body) VALUES
  (5, 5, 5, 1795390100000, 'pass', NULL, NULL, NULL, NULL, 'emulated', 'wine', 1, 0, 0, 0, 1795390010000,
    1795390100000, 0, 1, '{"stages":[{"stage":"fetch","status":"pass"},{"stage":"inspect","status":"fail"},
      {"stage":"install","status":"pass"},{"stage":"import","status":"pass"}],
      "imports":[{"module":"hostile","ok":true,"native":true}]}'),
  (6, 6, 6, 1795390100000, 'fail', 'import', 'import_error', 'package', 'ImportError: undefined symbol: foo',
    'emulated', 'qemu', 0, 0, 0, 0, 1795390010000, 1795390100000, 0, 1,
    '{"stages":[{"stage":"fetch","status":"pass"},{"stage":"inspect","status":"pass"},
      {"stage":"install","status":"pass"},{"stage":"import","status":"fail"}],
      "imports":[{"module":"md","ok":false,"native":true,"error":"undefined symbol: foo"}]}');
INSERT INTO artefact (result, filename, sha256, size, kind, inspect) VALUES
  (5, 'hostile.whl', printf('%064d', 6), 99, 'wheel', '{"ok":false,"problems":[{"code":"machine_mismatch",
    "severity":"error","path":"demo/<i>.so","detail":"code for x86_64"}]}'),
  (6, 'charset.whl', printf('%064d', 4), 99, 'wheel', '{"ok":true,"problems":[{"code":"page_alignment",
    "severity":"warning","path":"md.so","detail":"4096"}]}');
