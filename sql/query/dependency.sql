-- name: dependency_state
SELECT targets, judged FROM dependency_state

-- name: dependency_state_put
INSERT INTO dependency_state (id, targets, judged) VALUES (1, ?1, ?2)
ON CONFLICT (id) DO UPDATE SET targets = excluded.targets, judged = excluded.judged

-- name: dependency_packs_forget
DELETE FROM release_pack

-- name: dependency_judged_forget
DELETE FROM judged_pack

-- name: dependency_done
UPDATE dependency_state SET done = ?

-- name: dependency_judged
SELECT pack, known FROM judged_pack WHERE package = ? AND round <= (SELECT done FROM dependency_state)

-- name: dependency_judged_put
INSERT OR REPLACE INTO judged_pack (package, pack, known, round) VALUES (?, ?, ?, ?)

-- What is required by those who name a package, in any of their versions.
-- name: dependency_asked
SELECT DISTINCT f.requires FROM (SELECT DISTINCT package FROM need WHERE name = ?) n
CROSS JOIN file_requires f ON f.package = n.package

-- Who is blocked by a package, or in a way that speaks of a version of it, or of one with a longer name.
-- name: dependency_mentions
SELECT DISTINCT p.name FROM blocker b JOIN package p ON p.id = b.package
WHERE instr(b.path, ?1 || ' ') > 0 OR b.root = ?1

-- name: dependency_due_all
INSERT OR REPLACE INTO dependency_due (package) SELECT id FROM package WHERE scanned IS NOT NULL

-- name: dependency_due
SELECT d.id, d.package, p.name FROM dependency_due d JOIN package p ON p.id = d.package ORDER BY d.id

-- name: dependency_due_done
DELETE FROM dependency_due WHERE id <= ?

-- name: dependency_package
SELECT p.id, p.absent, p.scanned, r.pack FROM package p LEFT JOIN release_pack r ON r.package = p.id
WHERE p.name = ?

-- name: dependency_requires
SELECT key, requires FROM file_requires WHERE package = ? ORDER BY key

-- name: dependency_text
SELECT text FROM requires WHERE id = ?

-- name: dependency_versions
SELECT targets, version FROM published_fact WHERE package = ? AND version IS NOT NULL ORDER BY number

-- Releases looked at of which there is no wheel on some target.
-- name: dependency_sdists
SELECT DISTINCT p.name, f.version FROM published_fact f JOIN package p ON p.id = f.package
WHERE f.state = 'sdist' AND f.version IS NOT NULL ORDER BY p.name

-- name: dependency_needed_by
SELECT p.name, n.extra, p.id FROM need n JOIN package p ON p.id = n.package WHERE n.name = ?

-- name: dependency_needs_forget
DELETE FROM need WHERE package = ?

-- name: dependency_need_add
INSERT OR IGNORE INTO need (package, extra, name) VALUES (?, ?, ?)

-- Not if its page was read since the note ?3.
-- name: dependency_pack_put
INSERT OR REPLACE INTO release_pack (package, pack) SELECT ?1, ?2
WHERE NOT EXISTS (SELECT 1 FROM dependency_due WHERE package = ?1 AND id > ?3)

-- name: dependency_letters
SELECT dependencies FROM package WHERE name = ?

-- name: dependency_letters_put
UPDATE package SET dependencies = ?2 WHERE id = ?1 AND dependencies <> ?2

-- name: dependency_blockers
SELECT b.targets, b.root, b.version, b.reason, b.path, p.words
FROM blocker b LEFT JOIN package p ON p.name = b.root
WHERE b.package = ? ORDER BY b.number

-- name: dependency_blockers_forget
DELETE FROM blocker WHERE package = ?

-- name: dependency_blocker_add
INSERT INTO blocker (package, number, targets, root, version, reason, path)
VALUES (?, ?, ?, ?, ?, ?, ?)

-- What a package itself names, without what only its extras do, and whether that is a package here.
-- name: dependency_needs
SELECT n.name, p.id IS NOT NULL
FROM (SELECT DISTINCT iif(instr(name, '[') = 0, name, substr(name, 1, instr(name, '[') - 1)) AS name
  FROM need WHERE package = ? AND extra = '' ORDER BY 1 LIMIT 60) n LEFT JOIN package p ON p.name = n.name
ORDER BY n.name

-- Of those, the ones whose headline at place ?2 is one of the letters ?3.
-- name: dependency_after
SELECT DISTINCT p.name FROM need n JOIN package p
  ON p.name = iif(instr(n.name, '[') = 0, n.name, substr(n.name, 1, instr(n.name, '[') - 1))
WHERE n.package = ?1 AND n.extra = '' AND p.id <> ?1 AND instr(?3, substr(p.words, ?2, 1)) > 0
ORDER BY 1 LIMIT 8

-- Whom a package holds back on some target, the most downloaded first, with how many there are.
-- name: dependency_held
SELECT p.name, count(*) OVER () FROM (SELECT DISTINCT package FROM blocker WHERE root = ?) b
JOIN package p ON p.id = b.package ORDER BY p.rank IS NULL, p.rank, p.name LIMIT 20

-- name: dependency_waiting
SELECT b.package, b.targets, p.downloads FROM blocker b JOIN package p ON p.id = b.package
WHERE b.root = ?

-- Of the target at place ?1, the packages that wait, in no order.
-- name: dependency_roots
SELECT b.root, b.version, b.reason, p.name, p.downloads, b.path, p.rank
FROM blocker b JOIN package p ON p.id = b.package
WHERE substr(b.targets, ?1, 1) = '1'

-- name: dependency_root_words
SELECT words FROM package WHERE name = ?

-- Who waits for each root on the target at place ?1, and of those who can be had with this farm's wheels.
-- name: dependency_waits
SELECT b.root, count(DISTINCT b.package), coalesce(sum(p.downloads), 0),
  count(DISTINCT iif(substr(p.with_built, ?1, 1) = 'o', b.package, NULL))
FROM blocker b JOIN package p ON p.id = b.package
WHERE substr(b.targets, ?1, 1) = '1' GROUP BY b.root
