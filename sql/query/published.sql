-- name: published_put
INSERT OR REPLACE INTO published (package, target, state, version, file, sdist_version, sdist_file,
  first_version, first_date, lost_accelerator, emulated_alternative, vanished, compiled_elsewhere)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: published_list
SELECT u.target, t.name, u.state, u.version, u.file, u.sdist_version, u.sdist_file, u.first_version,
  u.first_date, u.lost_accelerator, u.emulated_alternative, u.vanished, u.compiled_elsewhere
FROM published u JOIN target t ON t.id = u.target
WHERE u.package = ? ORDER BY t.name

-- name: published_get
SELECT u.target, t.name, u.state, u.version, u.file, u.sdist_version, u.sdist_file, u.first_version,
  u.first_date, u.lost_accelerator, u.emulated_alternative, u.vanished, u.compiled_elsewhere
FROM published u JOIN target t ON t.id = u.target
WHERE u.package = ? AND u.target = ?

-- name: published_delete_all
DELETE FROM published WHERE package = ?
