-- name: result_insert
INSERT INTO result (job, lease, accepted, state, stage, reason, owner, line, mode, executor, proven,
  tests_passed, tests_failed, log_sha256, log_size, started, finished, recipe_commit, recipe_dirty,
  final, toolchain_sha256, log_blob, body, tests_skipped)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: result_artefact_insert
INSERT INTO artefact (result, filename, sha256, size, kind, inspect) VALUES (?, ?, ?, ?, ?, ?)

-- name: result_find
SELECT body FROM result WHERE lease = ?

-- What is older than the window is not read: the inner look walks back to the first of those.
-- name: result_of_agent
SELECT r.id, r.job FROM result r JOIN lease l ON l.id = r.lease
WHERE r.final AND l.agent = ?1 AND r.id > coalesce(
  (SELECT id FROM result WHERE final AND accepted <= ?2 ORDER BY id DESC LIMIT 1), 0)
ORDER BY r.id

-- name: result_withdraw
UPDATE result SET final = 0 WHERE id = ?

-- A failure whose reason came out of its log, by other rules than ?1; not by its control.
-- name: result_unjudged
SELECT r.id, j.package, j.target, r.stage, coalesce(r.reason, ''), r.log_sha256, r.log_blob,
  coalesce((SELECT log_from FROM result_stage s
    WHERE s.result = r.id AND s.stage = r.stage AND s.log_to > s.log_from), 0),
  coalesce((SELECT log_to FROM result_stage s
    WHERE s.result = r.id AND s.stage = r.stage AND s.log_to > s.log_from), -1)
FROM result r JOIN job j ON j.id = r.job
WHERE r.id > ?2 AND r.final AND r.state = 'fail' AND coalesce(r.rules, '') <> ?1
  AND coalesce(r.reason, '') <> 'fails_everywhere'
  AND r.log_sha256 IS NOT NULL
  AND json_extract(r.body, '$.state') = 'fail' AND json_extract(r.body, '$.reason') IS NULL
ORDER BY r.id LIMIT 1

-- name: result_judged
UPDATE result SET reason = coalesce(?2, reason), owner = coalesce(?3, owner),
  line = coalesce(nullif(json_extract(body, '$.line'), ''), ?4, line), rules = ?5
WHERE id = ?1
