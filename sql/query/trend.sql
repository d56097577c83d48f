-- In the order of the index, which has all but the downloads.
-- name: trend_packages
SELECT rank, words, coalesce(downloads, 0) FROM package
ORDER BY rank IS NULL, rank

-- name: trend_put
INSERT OR REPLACE INTO trend (target, top, night, packages, ready, downloads, ready_downloads)
VALUES (?, ?, ?, ?, ?, ?, ?)

-- The latest nights of a target, newest first.
-- name: trend_of_target
SELECT n.ended, t.packages, t.ready, t.downloads, t.ready_downloads
FROM trend t JOIN night n ON n.id = t.night
WHERE t.target = ? AND t.top = ? ORDER BY t.night DESC LIMIT ?

-- name: trend_top
SELECT words, coalesce(downloads, 0), rank FROM package
WHERE (rank IS NULL) = 0 AND rank <= ?
