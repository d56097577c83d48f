-- name: file_pack_get
SELECT pack FROM file_pack WHERE package = ?

-- name: file_pack_put
INSERT INTO file_pack (package, files, pack) VALUES (?, ?, ?)
ON CONFLICT (package) DO UPDATE SET files = excluded.files, pack = excluded.pack
WHERE pack <> excluded.pack

-- name: file_pack_delete
DELETE FROM file_pack WHERE package = ?

-- name: file_has_built
SELECT 1 FROM artefact WHERE kind = 'wheel' LIMIT 1

-- A wheel that was found clean stays so, whatever became of its import or its tests.
-- name: file_built
SELECT a.filename, j.version, a.sha256, a.size
FROM package p CROSS JOIN job j ON j.package = p.id CROSS JOIN result r ON r.job = j.id
  CROSS JOIN artefact a ON a.result = r.id
WHERE p.name = ? AND j.kind = 'build' AND j.state <> 'superseded' AND +r.final
  AND a.kind = 'wheel' AND a.inspect ->> '$.ok'
ORDER BY r.id
