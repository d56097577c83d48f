-- Tests that a run left out are told apart from those that passed.
ALTER TABLE result ADD COLUMN tests_skipped INTEGER NOT NULL DEFAULT 0;
DROP VIEW build;
-- A job with its last final result and its live lease: what pages show of a build.
CREATE VIEW build AS
SELECT j.id AS job, j.package AS package, p.name AS name, j.version AS version, t.name AS target,
  j.mode AS mode, j.state AS job_state, j.created AS created, j.attempts AS attempts,
  r.id AS result, r.state AS state, coalesce(r.stage, l.stage) AS stage, r.reason AS reason,
  r.owner AS owner, r.line AS line, r.executor AS executor, r.proven AS proven,
  r.accepted AS accepted, r.started AS started, r.finished AS finished,
  r.tests_passed AS tests_passed, r.tests_failed AS tests_failed, j.target AS target_id,
  j.kind AS kind, r.tests_skipped AS tests_skipped
FROM job j
  JOIN package p ON p.id = j.package
  JOIN target t ON t.id = j.target
  LEFT JOIN result r ON r.id = (SELECT max(id) FROM result WHERE job = j.id AND +final)
  LEFT JOIN lease l ON l.job = j.id AND l.ended IS NULL;
