-- name: standing_get
SELECT words, since, newest, dependencies FROM package WHERE id = ?

-- name: standing_put
UPDATE package SET words = ?2, since = ?3 WHERE id = ?1

-- name: standing_built
SELECT j.target, j.id, j.version, r.state, r.proven, r.stage, r.reason, r.owner, r.id
FROM job j CROSS JOIN result r ON r.job = j.id
WHERE j.package = ?1 AND j.kind = 'build' AND j.state <> 'superseded' AND +r.final

-- name: standing_built_on
SELECT j.target, j.id, j.version, r.state, r.proven, r.stage, r.reason, r.owner, r.id
FROM job j CROSS JOIN result r ON r.job = j.id
WHERE j.package = ?1 AND j.target = ?2 AND j.kind = 'build' AND j.state <> 'superseded' AND +r.final
