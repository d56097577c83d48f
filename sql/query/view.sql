-- name: view_targets
SELECT t.id, t.name, t.python, t.free_threaded, t.platform, t.family, h.headline, h.version, h.since,
  u.state, u.version, u.file, u.first_version, u.first_date, u.lost_accelerator,
  u.emulated_alternative, u.vanished
FROM target t
  LEFT JOIN headline h ON h.package = ?1 AND h.target = t.id
  LEFT JOIN published u ON u.package = ?1 AND u.target = t.id
ORDER BY t.name

-- name: view_builds_of_package
SELECT * FROM build WHERE package = ? ORDER BY coalesce(accepted, created) DESC, job DESC LIMIT 50

-- name: view_build_of_job
SELECT * FROM build WHERE job = ?

-- name: view_builds_latest
SELECT * FROM build
WHERE job IN (SELECT job FROM result WHERE final ORDER BY id DESC LIMIT 20)
ORDER BY result DESC

-- name: view_stages
SELECT stage, status, wall_s, cpu_s, peak_memory, log_from, log_to
FROM result_stage WHERE result = ? ORDER BY position

-- name: view_imports
SELECT module, ok, native, error FROM import_result WHERE result = ? ORDER BY position

-- name: view_artefacts
SELECT filename, sha256, size, kind, inspect FROM artefact WHERE result = ?
ORDER BY kind = 'wheel' DESC, filename

-- name: view_job
SELECT j.kind, j.key, j.created, j.spec, r.id, r.started, r.finished, r.log_sha256, r.log_size,
  r.recipe_commit, r.recipe_dirty, r.body, a.name, l.granted, l.attempt, l.ended
FROM job j
  LEFT JOIN result r ON r.id = (SELECT max(id) FROM result WHERE job = j.id AND +final)
  LEFT JOIN lease l ON l.id = (SELECT max(id) FROM lease WHERE job = j.id)
  LEFT JOIN agent a ON a.id = l.agent
WHERE j.id = ?

-- Without a filter the page is cut out of an index first.
-- name: view_packages_all_by_rank
SELECT p.id, p.name, p.rank, p.downloads, p.newest, coalesce(h.headline, 'unknown') AS word
FROM (SELECT * FROM package WHERE ?2 IS NULL AND ?3 IS NULL ORDER BY rank IS NULL, rank, name LIMIT ?4 OFFSET ?5) p
  LEFT JOIN headline h ON h.package = p.id AND h.target = ?1
ORDER BY p.rank IS NULL, p.rank, p.name

-- For a word that few packages have.
-- name: view_packages_word_by_rank
SELECT p.id, p.name, p.rank, p.downloads, p.newest, coalesce(h.headline, 'unknown') AS word
FROM headline h CROSS JOIN package p ON p.id = h.package
WHERE h.target = ?1 AND h.headline = ?2 AND ?3 IS NULL
ORDER BY p.rank IS NULL, p.rank, p.name LIMIT ?4 OFFSET ?5

-- name: view_packages_filtered_by_rank
SELECT p.id, p.name, p.rank, p.downloads, p.newest, coalesce(h.headline, 'unknown') AS word
FROM package p LEFT JOIN headline h ON h.package = p.id AND h.target = ?1
WHERE (?2 IS NULL OR word = ?2 OR (?2 = 'not-ready' AND word NOT IN ('ready', 'not_applicable')))
  AND (?3 IS NULL OR instr(p.name, ?3) > 0)
ORDER BY p.rank IS NULL, p.rank, p.name LIMIT ?4 OFFSET ?5

-- Without a filter the page is cut out of an index first.
-- name: view_packages_all_by_name
SELECT p.id, p.name, p.rank, p.downloads, p.newest, coalesce(h.headline, 'unknown') AS word
FROM (SELECT * FROM package WHERE ?2 IS NULL AND ?3 IS NULL ORDER BY name LIMIT ?4 OFFSET ?5) p
  LEFT JOIN headline h ON h.package = p.id AND h.target = ?1
ORDER BY p.name

-- For a word that few packages have.
-- name: view_packages_word_by_name
SELECT p.id, p.name, p.rank, p.downloads, p.newest, coalesce(h.headline, 'unknown') AS word
FROM headline h CROSS JOIN package p ON p.id = h.package
WHERE h.target = ?1 AND h.headline = ?2 AND ?3 IS NULL
ORDER BY p.name LIMIT ?4 OFFSET ?5

-- name: view_packages_filtered_by_name
SELECT p.id, p.name, p.rank, p.downloads, p.newest, coalesce(h.headline, 'unknown') AS word
FROM package p LEFT JOIN headline h ON h.package = p.id AND h.target = ?1
WHERE (?2 IS NULL OR word = ?2 OR (?2 = 'not-ready' AND word NOT IN ('ready', 'not_applicable')))
  AND (?3 IS NULL OR instr(p.name, ?3) > 0)
ORDER BY p.name LIMIT ?4 OFFSET ?5

-- name: view_packages_search_count
SELECT count(*) FROM (
  SELECT coalesce(h.headline, 'unknown') AS word
  FROM package p LEFT JOIN headline h ON h.package = p.id AND h.target = ?1
  WHERE (?2 IS NULL OR word = ?2 OR (?2 = 'not-ready' AND word NOT IN ('ready', 'not_applicable')))
    AND instr(p.name, ?3) > 0)

-- name: view_packages_words
SELECT headline, packages FROM headline_total WHERE target = ?

-- name: view_packages_count
SELECT count(*) FROM package

-- name: view_packages_strip
SELECT target, headline FROM headline WHERE package = ?

-- The plus signs keep the planner off the indexes of all results.
-- name: view_packages_why
SELECT u.vanished, (
    SELECT r.reason || coalesce(': ' || r.line, '') FROM job j CROSS JOIN result r ON r.job = j.id
    WHERE j.package = ?1 AND j.target = ?2 AND j.state <> 'superseded' AND +r.final
      AND +r.state = 'fail'
    ORDER BY r.id DESC LIMIT 1)
FROM (SELECT 1) LEFT JOIN published u ON u.package = ?1 AND u.target = ?2

-- name: view_totals
SELECT count(*), coalesce(sum(downloads), 0), max(scanned) FROM package

-- name: view_summary
SELECT target, headline, packages, downloads FROM headline_total

-- name: view_changes
SELECT c.at, p.name, c.version, t.name, c.was, c.became
FROM headline_change c JOIN package p ON p.id = c.package JOIN target t ON t.id = c.target
WHERE c.was IS NOT NULL ORDER BY c.id DESC LIMIT 20
