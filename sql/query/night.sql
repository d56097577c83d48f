-- name: night_open
SELECT id, started FROM night WHERE ended IS NULL AND list = ? AND started > ?
ORDER BY id DESC LIMIT 1

-- name: night_give_up
UPDATE night SET ended = ?1, last_change = (SELECT coalesce(max(id), 0) FROM change)
WHERE ended IS NULL AND id <> ?2

-- name: night_begin
INSERT INTO night (started, list, asked) VALUES (?, ?, ?) RETURNING id

-- name: night_end
UPDATE night SET ended = ?2, whole = 1, received = ?3,
  last_change = (SELECT coalesce(max(id), 0) FROM change),
  read = n.read, unchanged = n.unchanged, absent = n.absent, bad = n.bad,
  failed = max(asked - n.read - n.unchanged - n.absent - n.bad, 0)
FROM (SELECT coalesce(sum(outcome = 'read'), 0) AS read,
  coalesce(sum(outcome = 'unchanged'), 0) AS unchanged,
  coalesce(sum(outcome = 'absent'), 0) AS absent, coalesce(sum(outcome = 'bad'), 0) AS bad
  FROM package WHERE night = ?1) n
WHERE id = ?1

-- name: night_list
SELECT id, started, ended, whole, list, asked, read, unchanged, absent, bad, failed, received,
  last_change
FROM night ORDER BY id DESC LIMIT ?

-- name: night_by_id
SELECT id, started, ended, whole, list, asked, read, unchanged, absent, bad, failed, received,
  last_change
FROM night WHERE id = ? AND ended IS NOT NULL

-- name: night_by_time
SELECT id, started, ended, whole, list, asked, read, unchanged, absent, bad, failed, received,
  last_change
FROM night WHERE ended <= ? ORDER BY id DESC LIMIT 1

-- What a night did not come to: builds that still wait, pages that gave no answer.
-- name: night_waiting
SELECT p.name, j.version, t.name
FROM job j JOIN package p ON p.id = j.package JOIN target t ON t.id = j.target
WHERE j.state IN ('queued', 'leased') ORDER BY j.priority, j.id LIMIT ?

-- name: night_unread
SELECT name, problem FROM package WHERE problem IS NOT NULL
ORDER BY rank IS NULL, rank, name LIMIT ?
