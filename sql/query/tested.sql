-- The test of a built wheel by another agent: a job of the kind test_built that comes after the build (job_after).

-- A passing build whose wheel nobody ran in its own job: with that wheel.
-- name: tested_wanted
SELECT j.id, s.spec, j.priority, a.filename, a.sha256, a.size
FROM job j JOIN job_spec s ON s.job = j.id
  JOIN result r ON r.id = (SELECT max(id) FROM result WHERE job = j.id AND +final)
  JOIN artefact a ON a.result = r.id AND a.kind = 'wheel' AND a.kept
WHERE j.id = ?1 AND j.kind = 'build' AND j.state = 'done' AND r.state = 'pass' AND r.executor IS NULL

-- name: tested_builds
SELECT j.id FROM result r CROSS JOIN job j ON j.id = r.job
WHERE r.final AND r.state = 'pass' AND r.executor IS NULL AND j.kind = 'build' AND j.state = 'done'
  AND r.id = (SELECT max(id) FROM result WHERE job = j.id AND +final)
ORDER BY j.id

-- A build nobody ran in its own job is proven as long as the test of its very wheel says so.
-- name: tested_apply
UPDATE result SET proven = EXISTS (
  SELECT 1 FROM job c JOIN job_after f ON f.job = c.id AND f.after = result.job
    JOIN job_spec s ON s.job = c.id
    JOIN artefact a ON a.result = result.id AND a.kind = 'wheel' AND a.sha256 = s.source_sha256
    JOIN result x ON x.id = (SELECT max(id) FROM result WHERE job = c.id AND +final)
  WHERE c.package = ?1 AND c.target = ?2 AND c.kind = 'test_built' AND c.state <> 'superseded'
    AND x.state = 'pass' AND x.proven)
WHERE final AND state = 'pass' AND executor IS NULL
  AND job IN (SELECT id FROM job WHERE package = ?1 AND target = ?2 AND kind = 'build')

-- The newest test of a build's wheel.
-- name: tested_of_build
SELECT c.id FROM job b CROSS JOIN job c ON c.package = b.package AND c.target = b.target AND c.kind = 'test_built'
    AND c.state <> 'superseded'
  JOIN job_after f ON f.job = c.id AND f.after = b.id
WHERE b.id = ?1 ORDER BY c.id DESC LIMIT 1
