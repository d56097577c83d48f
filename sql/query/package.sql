-- name: package_get
SELECT id, name, display, rank, downloads, status, newest, newest_date, scanned, etag, serial, absent,
  problem, night, outcome
FROM package WHERE name = ?

-- name: package_list
SELECT id, name, display, rank, downloads, status, newest, newest_date, scanned, etag, serial, absent,
  problem, night, outcome
FROM package ORDER BY rank IS NULL, rank, name

-- Only what the index has.
-- name: package_names
SELECT id, name, words FROM package ORDER BY rank IS NULL, rank, name

-- name: package_name
SELECT name FROM package WHERE id = ?

-- name: package_find
SELECT id, rank, downloads FROM package WHERE name = ?

-- name: package_insert
INSERT INTO package (name, rank, downloads) VALUES (?, ?, ?) RETURNING id

-- name: package_rank
UPDATE package SET rank = coalesce(?2, rank), downloads = coalesce(?3, downloads) WHERE id = ?1

-- name: package_scanned
UPDATE package SET display = ?2, status = ?3, newest = ?4, newest_date = ?5, scanned = ?6, etag = ?7,
  serial = ?8, night = ?9, outcome = 'read', absent = 0, problem = NULL
WHERE id = ?1

-- name: package_unchanged
UPDATE package SET scanned = ?2, night = ?3, outcome = 'unchanged', absent = 0, problem = NULL
WHERE id = ?1

-- name: package_absent
UPDATE package SET scanned = ?2, night = ?3, outcome = 'absent', absent = 1, status = NULL,
  newest = NULL, newest_date = NULL, etag = NULL, serial = NULL, problem = NULL
WHERE id = ?1

-- A page that could not be had (no outcome) is asked for again if the night goes on.
-- name: package_problem
UPDATE package SET problem = ?2, night = coalesce(?3, night), outcome = coalesce(?4, outcome)
WHERE id = ?1
