-- name: job_next_id
SELECT coalesce(max(id), 0) + 1 FROM job

-- name: job_by_key
SELECT id, state, coalesce((SELECT owner FROM result r WHERE r.job = job.id AND +r.final
  ORDER BY r.id DESC LIMIT 1), '') FROM job WHERE key = ?

-- name: job_place
SELECT p.id, t.id FROM package p, target t WHERE p.name = ? AND t.name = ?

-- name: job_insert
INSERT INTO job (id, key, kind, package, version, target, mode, needs, state, priority, created)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)

-- name: job_insert_spec
INSERT INTO job_spec (job, spec, source, source_sha256, expect_native, wall_s, recipe_commit,
  recipe_dirty)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)

-- name: job_insert_blob
INSERT INTO job_blob (job, sha256) VALUES (?, ?) ON CONFLICT DO NOTHING

-- name: job_revive
UPDATE job SET state = CASE WHEN EXISTS (SELECT 1 FROM result WHERE job = ?1 AND final) THEN 'done'
  ELSE 'queued' END, not_before = 0, avoid_agent = NULL
WHERE id = ?1

-- name: job_supersede_queued
UPDATE job SET state = 'superseded'
WHERE package = ?1 AND target = ?2 AND kind = ?3 AND mode = ?4 AND id <> ?5 AND state = 'queued'

-- What only the farm got wrong takes no result's place.
-- name: job_supersede_done
UPDATE job SET state = 'superseded'
WHERE package = ?2 AND target = ?3 AND id < ?1 AND state = 'done'
  AND kind = (SELECT kind FROM job WHERE id = ?1) AND mode = (SELECT mode FROM job WHERE id = ?1)
  AND coalesce((SELECT owner FROM result r WHERE r.job = ?1 AND +r.final
    ORDER BY r.id DESC LIMIT 1), '') <> 'farm'

-- name: job_requeue
UPDATE job SET state = 'queued', farm_faults = 0, limit_faults = 0, not_before = 0,
  avoid_agent = NULL, finished = NULL
WHERE id = ? AND state IN ('done', 'superseded')

-- name: job_get
SELECT j.id, j.key, j.kind, p.name, j.version, t.name, j.mode, j.state, s.spec, j.needs, j.package,
  j.target, j.priority, j.attempts, j.farm_faults, j.limit_faults, j.not_before, j.avoid_agent
FROM job j JOIN package p ON p.id = j.package JOIN target t ON t.id = j.target
  JOIN job_spec s ON s.job = j.id
WHERE j.id = ?

-- name: job_queued
SELECT id, target, priority, not_before, avoid_agent, needs FROM job
WHERE state = 'queued' AND id > ? ORDER BY id

-- name: job_count
SELECT
  (SELECT count(*) FROM job WHERE state = 'queued'),
  (SELECT count(*) FROM lease WHERE ended IS NULL),
  (SELECT count(*) FROM result WHERE final AND state = 'pass'),
  (SELECT count(*) FROM result WHERE final AND state = 'fail')

-- A control is of another target than the one whose row it belongs to.
-- name: job_to_lease
SELECT j.state, j.attempts, j.package, j.target, j.priority, j.farm_faults, j.limit_faults,
  j.avoid_agent, j.needs, p.name, j.version,
  iif(j.kind = 'control', coalesce(s.spec ->> '$.target.name', t.name), t.name), j.mode, s.spec, s.source, s.source_sha256,
  s.expect_native, s.wall_s, s.recipe_commit, s.recipe_dirty
FROM job j JOIN package p ON p.id = j.package JOIN target t ON t.id = j.target
  JOIN job_spec s ON s.job = j.id
WHERE j.id = ?

-- name: job_lease
UPDATE job SET state = 'leased', attempts = ?2 WHERE id = ?1

-- name: job_retry
UPDATE job SET state = 'queued', not_before = ?2, avoid_agent = ?3, farm_faults = ?4,
  limit_faults = ?5
WHERE id = ?1

-- name: job_done
UPDATE job SET state = 'done', finished = ?2 WHERE id = ?1

-- name: job_has_others
SELECT 1 FROM job WHERE package = ?2 AND target = ?3 AND id <> ?1 LIMIT 1

-- A newer one was done before.
-- name: job_supersede_late
UPDATE job SET state = 'superseded'
WHERE id = ?1 AND EXISTS (
  SELECT 1 FROM job n WHERE n.package = job.package AND n.target = job.target
    AND n.kind = job.kind AND n.mode = job.mode AND n.id > job.id AND n.state = 'done'
    AND coalesce((SELECT owner FROM result r WHERE r.job = n.id AND +r.final
      ORDER BY r.id DESC LIMIT 1), '') <> 'farm')

-- Does ?1 wait for ?2, at once or through others, or are they one?
-- name: job_comes_after
WITH RECURSIVE chain (job) AS (
  VALUES (?1) UNION SELECT a.after FROM chain c JOIN job_after a ON a.job = c.job)
SELECT 1 FROM chain WHERE job = ?2

-- name: job_add_after
INSERT INTO job_after (job, after) VALUES (?, ?) ON CONFLICT DO NOTHING

-- name: job_blocks
SELECT a.job, a.after FROM job_after a JOIN job j ON j.id = a.job JOIN job b ON b.id = a.after
WHERE j.state = 'queued' AND b.state IN ('queued', 'leased')
ORDER BY a.job, a.after
