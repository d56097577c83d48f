-- name: file_pack_get
SELECT pack FROM file_pack WHERE package = ?

-- name: file_pack_put
INSERT INTO file_pack (package, files, pack) VALUES (?, ?, ?)
ON CONFLICT (package) DO UPDATE SET files = excluded.files, pack = excluded.pack
WHERE pack <> excluded.pack

-- name: file_pack_delete
DELETE FROM file_pack WHERE package = ?
