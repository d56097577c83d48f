-- What may go, a slice of rows at a time: ?1 < id <= ?2, and older than ?3.

-- name: keep_last_result
SELECT coalesce(max(id), 0) FROM result

-- The log of a job's newest result stays as long as the job is not superseded.
-- name: keep_drop_logs
UPDATE result SET log_blob = NULL
WHERE id > ?1 AND id <= ?2 AND log_blob IS NOT NULL
  AND accepted < CASE state WHEN 'pass' THEN ?3 ELSE ?4 END
  AND NOT EXISTS (SELECT 1 FROM job j WHERE j.id = result.job AND j.state <> 'superseded'
    AND result.id = (SELECT max(n.id) FROM result n WHERE n.job = j.id AND +n.final))

-- Files go where a newer pass of the same package, target, kind and mode has its own, or nothing passed.
-- name: keep_drop_files
UPDATE artefact SET kept = 0
WHERE kept AND result IN (
  SELECT r.id FROM result r JOIN job j ON j.id = r.job
  WHERE r.id > ?1 AND r.id <= ?2 AND r.accepted < ?3
    AND NOT (j.state <> 'superseded'
      AND r.id = (SELECT max(n.id) FROM result n WHERE n.job = j.id AND +n.final))
    AND (r.state <> 'pass' OR EXISTS (
      SELECT 1 FROM job n JOIN result m ON m.job = n.id
      WHERE n.package = j.package AND n.target = j.target AND n.kind = j.kind AND n.mode = j.mode
        AND +m.final AND m.state = 'pass' AND m.id > r.id)))

-- Attempts that the farm lost say nothing of a package.
-- name: keep_drop_attempts
DELETE FROM result WHERE id > ?1 AND id <= ?2 AND NOT final AND accepted < ?3

-- name: keep_last_lease
SELECT coalesce(max(id), 0) FROM lease

-- name: keep_drop_leases
DELETE FROM lease
WHERE id > ?1 AND id <= ?2 AND ended < ?3
  AND NOT EXISTS (SELECT 1 FROM result r WHERE r.lease = lease.id)
  AND id <> (SELECT max(n.id) FROM lease n WHERE n.job = lease.job)

-- name: keep_drop_audit
DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ?1 ORDER BY id LIMIT ?2)

-- The next log that is kept as it came.
-- name: keep_plain_log
SELECT id, log_sha256 FROM result
WHERE id > ? AND log_blob = log_sha256 ORDER BY id LIMIT 1

-- name: keep_set_log
UPDATE result SET log_blob = ?2 WHERE log_blob = log_sha256 AND log_sha256 = ?1

-- name: keep_job_runs
SELECT EXISTS (SELECT 1 FROM lease WHERE job = ? AND ended IS NULL)

-- name: keep_blob_is_used
SELECT EXISTS (SELECT 1 FROM result WHERE log_blob = ?1)
  OR EXISTS (SELECT 1 FROM artefact WHERE sha256 = ?1 AND kept)
  OR EXISTS (SELECT 1 FROM job_blob WHERE sha256 = ?1)
