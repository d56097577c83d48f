-- What a year of a farm leaves beside the facts of a scan, for the benchmark of the dashboard: a build of
-- what is not ready on three targets, their failures by a dozen reasons, what the bytes of wheels say, who
-- waits for whom, a year of nights with their trends and changes, a queue. Run by demo_server, which has
-- the log that all builds share.
INSERT INTO agent (id, name, token_hash, trusted, state, added, seen)
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
  SELECT i, 'agent-' || i, 'x' || i, 1, iif(i % 13 = 0, 'quarantined', 'active'),
    unixepoch() * 1000 - 8000000000, unixepoch() * 1000 - i * 1000 FROM n;

INSERT INTO job (key, kind, package, version, target, mode, needs, state, priority, attempts, created,
    finished)
  SELECT 'k' || p.id || '-' || t.id, 'build', p.id, coalesce(p.newest, '1.0'), t.id, 'cross', '{}', 'done',
    1, 1, unixepoch() * 1000 - p.id * 1000000, unixepoch() * 1000 - p.id * 1000000 + 90000
  FROM package p JOIN target t ON t.name IN
    ('cp313-win_arm64', 'cp313-manylinux_2_28_aarch64', 'cp313-musllinux_1_2_aarch64')
  WHERE substr(p.words, t.id, 1) <> 'r';
UPDATE job SET state = iif(id % 40 = 0 AND id <= 1600, 'leased', 'queued'), finished = NULL
WHERE id % 20 = 0;
INSERT INTO job_spec (job, spec) SELECT id, json_object('id', id, 'kind', 'build') FROM job;
INSERT INTO lease (id, job, agent, attempt, fence, granted, deadline, hard_deadline, stage, ended, outcome)
  SELECT id, id, id % 40 + 1, 1, id || '-f', created, created, created, 'build',
    iif(state = 'done', finished, NULL), iif(state = 'done', 'result', NULL)
  FROM job WHERE state <> 'queued';
INSERT INTO result (id, job, lease, accepted, state, stage, reason, owner, line, mode, executor, proven,
    tests_passed, tests_failed, log_sha256, log_size, started, finished, recipe_commit, recipe_dirty, final,
    body)
  SELECT id, id, id, finished, iif(id % 3 = 0, 'pass', 'fail'), iif(id % 3 = 0, NULL, 'build'),
    iif(id % 3 = 0, NULL, json_extract('["compile_error","link_error","x86_flags","compiler_dialect",
      "missing_c_library","cross_misdetected","sdist_incomplete","silent_pure","rust_target","limit_time",
      "requirement_missing","network"]', '$[' || (id % 12) || ']')),
    iif(id % 3 = 0, NULL, iif(id % 12 = 11, 'farm', iif(id % 12 IN (4, 5, 8), 'toolchain', 'package'))),
    iif(id % 3 = 0, NULL, 'src/part' || id || '.c:12:3: error: use of undeclared identifier ''_Interlocked'''),
    'cross', iif(id % 3 = 0, 'qemu', NULL), id % 3 = 0, iif(id % 3 = 0, 40, 0), 0, 'log', 0, created,
    finished, '8c7de11a', 0, 1, json_object('stages', (
      SELECT json_group_array(json_object('stage', value, 'status',
        iif(key = 3 AND job.id % 3 <> 0, 'fail', 'pass'), 'wall_s', key + 0.5, 'cpu_s', key, 'peak_memory',
        90000000, 'log_to', iif(key = 3, 1000000000, 0)))
      FROM json_each('["fetch","unpack","prepare","build","repair","inspect","install","import","test"]')
      WHERE job.id % 3 = 0 OR key < 4))
  FROM job WHERE state = 'done';

INSERT INTO wheel (sha256, filename, package, rules, columns, depth, inspected, size, machine, glibc,
    page_size, bundled, errors, warnings, worst, problems, broken, report_size, report)
  SELECT file_sha256, min(file), min(package), 2, 1, 'headers', unixepoch() * 1000, 1500000, 'aarch64',
    '2.28', 65536, '["libfoo-1a2b3c4d.so.3"]', 0, 1, 'bad_rpath',
    '[{"code":"bad_rpath","severity":"warning","path":"a/b.so","detail":"RUNPATH is /build/lib"}]', NULL, 0,
    x''
  FROM published_fact WHERE state = 'wheel' AND file_sha256 IS NOT NULL GROUP BY file_sha256;

INSERT INTO need (package, extra, name)
  SELECT p.id, '', q.name FROM package p JOIN package q ON q.id IN (p.id % 50 + 1, p.id % 700 + 1)
  WHERE p.id <> q.id;
INSERT INTO blocker (package, number, targets, root, version, reason, path)
  SELECT p.id, 1, replace(printf('%*s', length(p.words), ''), ' ', '1'), q.name, q.newest, 'no_wheel',
    p.name || ' 1.0 -> ' || q.name
  FROM package p JOIN package q ON q.id = p.id % 300 + 1 WHERE p.id % 6 = 0 AND p.id <> q.id;

INSERT INTO night (started, ended, whole, list, asked, read, unchanged, last_change)
  WITH RECURSIVE n(i) AS (SELECT 365 UNION ALL SELECT i - 1 FROM n WHERE i > 1)
  SELECT unixepoch() * 1000 - i * 86400000, unixepoch() * 1000 - i * 86400000 + 600000, 1, 'year',
    (SELECT count(*) FROM package), 100, (SELECT count(*) FROM package) - 100, (365 - i) * 40 FROM n;
INSERT INTO trend (target, top, night, packages, ready, downloads, ready_downloads)
  SELECT t.id, top.value, n.id, 100, 50 + n.id % 365 / 10, 3000000000, 1500000000 + n.id % 365 * 1000000
  FROM target t, json_each('[0, 100, 1000]') top, night n WHERE n.list = 'year';
INSERT INTO change (at, package, targets, was, became, was_version, version)
  SELECT n.ended, p.id, '111', iif(p.id % 2 = 0, 'wr', 'sm'), iif(p.id % 2 = 0, 'Sv', 'wr'), '1.0', '1.1'
  FROM night n JOIN package p ON p.id % 365 = n.id % 365 WHERE n.list = 'year' ORDER BY n.id;
