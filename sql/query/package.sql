-- name: package_get
SELECT id, name, display, rank, downloads, status, newest, newest_date, scanned, etag, serial, absent,
  problem
FROM package WHERE name = ?

-- name: package_list
SELECT id, name, display, rank, downloads, status, newest, newest_date, scanned, etag, serial, absent,
  problem
FROM package ORDER BY rank IS NULL, rank, name

-- name: package_name
SELECT name FROM package WHERE id = ?

-- name: package_put
INSERT INTO package (name, rank, downloads) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET rank = coalesce(excluded.rank, rank),
  downloads = coalesce(excluded.downloads, downloads)
RETURNING id

-- name: package_scanned
UPDATE package SET display = ?2, status = ?3, newest = ?4, newest_date = ?5, scanned = ?6, etag = ?7,
  serial = ?8, absent = 0, problem = NULL
WHERE id = ?1

-- name: package_unchanged
UPDATE package SET scanned = ?2, absent = 0, problem = NULL WHERE id = ?1

-- name: package_absent
UPDATE package SET scanned = ?2, absent = 1, status = NULL, newest = NULL, newest_date = NULL,
  etag = NULL, serial = NULL, problem = NULL
WHERE id = ?1

-- name: package_problem
UPDATE package SET problem = ?2 WHERE id = ?1
