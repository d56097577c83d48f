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
  LEFT JOIN result r ON r.id = (SELECT max(id) FROM result WHERE job = j.id AND final)
  LEFT JOIN lease l ON l.id = (SELECT max(id) FROM lease WHERE job = j.id)
  LEFT JOIN agent a ON a.id = l.agent
WHERE j.id = ?

-- name: view_packages_by_rank
SELECT p.id, p.name, p.rank, p.downloads, p.newest, coalesce(h.headline, 'unknown') AS word
FROM package p LEFT JOIN headline h ON h.package = p.id AND h.target = ?1
WHERE (?2 IS NULL OR word = ?2 OR (?2 = 'not-ready' AND word NOT IN ('ready', 'not_applicable')))
  AND (?3 IS NULL OR instr(p.name, ?3) > 0)
ORDER BY p.rank IS NULL, p.rank, p.name LIMIT ?4 OFFSET ?5

-- name: view_packages_by_name
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
SELECT headline, count(*) FROM headline WHERE target = ? GROUP BY headline

-- name: view_packages_strip
SELECT target, headline FROM headline WHERE package = ?

-- name: view_packages_why
SELECT u.vanished, (
    SELECT r.reason || coalesce(': ' || r.line, '') FROM result r JOIN job j ON j.id = r.job
    WHERE j.package = ?1 AND j.target = ?2 AND j.state <> 'superseded' AND r.final
      AND r.state = 'fail'
    ORDER BY r.id DESC LIMIT 1)
FROM (SELECT 1) LEFT JOIN published u ON u.package = ?1 AND u.target = ?2

-- name: view_totals
SELECT count(*), coalesce(sum(downloads), 0), max(scanned) FROM package

-- name: view_summary
SELECT h.target, h.headline, count(*), coalesce(sum(p.downloads), 0)
FROM headline h JOIN package p ON p.id = h.package
GROUP BY h.target, h.headline

-- name: view_changes
SELECT c.at, p.name, c.version, t.name, c.was, c.became
FROM headline_change c JOIN package p ON p.id = c.package JOIN target t ON t.id = c.target
WHERE c.was IS NOT NULL ORDER BY c.id DESC LIMIT 20
