-- name: published_put
INSERT INTO published_fact (package, number, targets, state, version, file, file_sha256,
  sdist_version, sdist_file, first_version, first_date, newest_version, newest_date, behind,
  lost_accelerator, emulated_alternative, vanished, compiled_elsewhere)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: published_list
SELECT targets, state, version, file, file_sha256, sdist_version, sdist_file, first_version,
  first_date, newest_version, newest_date, behind, lost_accelerator, emulated_alternative, vanished,
  compiled_elsewhere
FROM published_fact WHERE package = ? ORDER BY number

-- name: published_get
SELECT targets, state, version, file, file_sha256, sdist_version, sdist_file, first_version,
  first_date, newest_version, newest_date, behind, lost_accelerator, emulated_alternative, vanished,
  compiled_elsewhere
FROM published_fact WHERE package = ? AND substr(targets, ?, 1) = '1'

-- name: published_letters
SELECT targets, state, lost_accelerator, vanished IS NOT NULL, version
FROM published_fact WHERE package = ? ORDER BY number

-- name: published_delete
DELETE FROM published_fact WHERE package = ?
