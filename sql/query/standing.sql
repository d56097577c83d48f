-- name: standing_get
SELECT words, since, newest, dependencies FROM package WHERE id = ?

-- name: standing_put
UPDATE package SET words = ?2, since = ?3 WHERE id = ?1

-- A wheel that was made and found clean stays so, whatever became of its import or its tests: of a failure
-- the coordinator's own report on the wheel says it.
-- name: standing_built
SELECT j.target, j.id, j.version, r.state, r.proven, r.stage, r.reason, r.owner, r.id,
  r.state = 'pass' OR (r.stage IN ('install', 'import', 'test') AND EXISTS (SELECT 1 FROM artefact a
    WHERE a.result = r.id AND a.kind = 'wheel' AND a.inspect ->> '$.ok'))
FROM job j CROSS JOIN result r ON r.job = j.id
WHERE j.package = ?1 AND j.kind = 'build' AND j.state <> 'superseded' AND +r.final

-- name: standing_built_on
SELECT j.target, j.id, j.version, r.state, r.proven, r.stage, r.reason, r.owner, r.id,
  r.state = 'pass' OR (r.stage IN ('install', 'import', 'test') AND EXISTS (SELECT 1 FROM artefact a
    WHERE a.result = r.id AND a.kind = 'wheel' AND a.inspect ->> '$.ok'))
FROM job j CROSS JOIN result r ON r.job = j.id
WHERE j.package = ?1 AND j.target = ?2 AND j.kind = 'build' AND j.state <> 'superseded' AND +r.final
