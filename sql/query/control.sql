-- The x86-64 control of a build: told to come after it (job_after), of the kind `control`.

-- Builds whose newest result failed where only running the wheel can: those that ask for a control.
-- name: control_wanted
SELECT j.id, j.key, s.spec, t.name, j.priority
FROM result r CROSS JOIN job j ON j.id = r.job JOIN job_spec s ON s.job = j.id
  JOIN target t ON t.id = j.target
WHERE r.final AND r.state = 'fail' AND r.stage IN ('import', 'test') AND r.owner = 'package'
  AND j.kind = 'build' AND j.state = 'done'
  AND r.id = (SELECT max(id) FROM result WHERE job = j.id AND +final)
ORDER BY j.id

-- A control that comes as far as the build and fails too: the failure is no matter of ARM.
-- name: control_fails
UPDATE result SET reason = ?3, owner = ?4
WHERE id IN (SELECT r.id
  FROM job j JOIN result r ON r.id = (SELECT max(id) FROM result WHERE job = j.id AND +final)
    JOIN job_after a ON a.after = j.id
    JOIN job c ON c.id = a.job AND c.kind = 'control' AND c.state <> 'superseded'
    JOIN result x ON x.id = (SELECT max(id) FROM result WHERE job = c.id AND +final)
  WHERE j.package = ?1 AND j.target = ?2 AND j.kind = 'build' AND r.state = 'fail'
    AND r.owner = 'package' AND x.state = 'fail' AND x.owner = 'package'
    AND (x.stage = r.stage OR (x.stage = 'import' AND r.stage = 'test')))

-- It was run again and passes: what was said before holds again; what the rules said, they say anew.
-- name: control_passes
UPDATE result SET reason = coalesce(body ->> '$.reason', ?4),
  owner = iif(body ->> '$.reason' IS NULL, ?5, owner), rules = NULL
WHERE reason = ?3 AND id IN (SELECT r.id
  FROM job j JOIN result r ON r.job = j.id JOIN job_after a ON a.after = j.id
    JOIN job c ON c.id = a.job AND c.kind = 'control' AND c.state <> 'superseded'
    JOIN result x ON x.id = (SELECT max(id) FROM result WHERE job = c.id AND +final)
  WHERE j.package = ?1 AND j.target = ?2 AND j.kind = 'build' AND x.state = 'pass')

-- The control of a build, the newest; with no state until it has a result. It is in the build's row.
-- name: control_of_build
SELECT c.id, x.state, x.stage, x.owner
FROM job b CROSS JOIN job c ON c.package = b.package AND c.target = b.target AND c.kind = 'control'
    AND c.state <> 'superseded'
  JOIN job_after a ON a.job = c.id AND a.after = b.id
  LEFT JOIN result x ON x.id = (SELECT max(id) FROM result WHERE job = c.id AND +final)
WHERE b.id = ?1 ORDER BY c.id DESC LIMIT 1
