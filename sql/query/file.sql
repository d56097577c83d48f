-- name: file_list
SELECT filename, version, kind, url, sha256, size, requires_python, yanked, uploaded, metadata_sha256
FROM file WHERE package = ? ORDER BY filename

-- name: file_put
INSERT INTO file (package, filename, version, kind, url, sha256, size, requires_python, yanked,
  uploaded, metadata_sha256)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (package, filename) DO UPDATE SET version = excluded.version, kind = excluded.kind,
  url = excluded.url, sha256 = excluded.sha256, size = excluded.size,
  requires_python = excluded.requires_python, yanked = excluded.yanked,
  uploaded = excluded.uploaded, metadata_sha256 = excluded.metadata_sha256

-- name: file_delete
DELETE FROM file WHERE package = ? AND filename = ?

-- name: file_delete_all
DELETE FROM file WHERE package = ?
