-- Packages of which this farm made a wheel that was found clean.
-- name: with_built_packages
SELECT DISTINCT p.name FROM artefact a CROSS JOIN result r ON r.id = a.result
  CROSS JOIN job j ON j.id = r.job CROSS JOIN package p ON p.id = j.package
WHERE a.kind = 'wheel' AND a.inspect ->> '$.ok' AND +r.final AND j.kind = 'build' AND j.state <> 'superseded'

-- name: with_built_told
SELECT name FROM package WHERE with_built <> ''

-- name: with_built_get
SELECT id, dependencies, with_built FROM package WHERE name = ?

-- name: with_built_put
UPDATE package SET with_built = ?2 WHERE id = ?1

-- name: with_built_letters
SELECT with_built FROM package WHERE id = ?
