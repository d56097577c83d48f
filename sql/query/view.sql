-- name: view_builds_of_package
SELECT * FROM build WHERE package = ? ORDER BY coalesce(accepted, created) DESC, job DESC LIMIT 50

-- name: view_build_of_job
SELECT * FROM build WHERE job = ?

-- name: view_builds_latest
SELECT * FROM build
WHERE job IN (SELECT job FROM result WHERE final ORDER BY id DESC LIMIT 20)
ORDER BY result DESC

-- name: view_stages
SELECT stage, status, wall_s, cpu_s, peak_memory, log_from, log_to, io_read, io_write, limits
FROM result_stage WHERE result = ? ORDER BY position

-- name: view_imports
SELECT module, ok, native, error FROM import_result WHERE result = ? ORDER BY position

-- name: view_artefacts
SELECT filename, sha256, size, kind, inspect, kept FROM artefact WHERE result = ?
ORDER BY kind = 'wheel' DESC, filename

-- name: view_job
SELECT j.kind, j.key, j.created, s.spec, r.id, r.started, r.finished, r.log_sha256, r.log_size,
  r.recipe_commit, r.recipe_dirty, r.body, a.name, l.granted, l.attempt, l.ended,
  r.log_blob
FROM job j
  JOIN job_spec s ON s.job = j.id
  LEFT JOIN result r ON r.id = (SELECT max(id) FROM result WHERE job = j.id AND +final)
  LEFT JOIN lease l ON l.id = (SELECT max(id) FROM lease WHERE job = j.id)
  LEFT JOIN agent a ON a.id = l.agent
WHERE j.id = ?

-- ?1 target, ?2 letter of a headline, ?3 part of the name, ?4 and ?5 reason and owner of a failed build;
-- '!' is all but ready and not_applicable, 'u' also what never was judged.
-- name: view_packages_by_rank
SELECT id, name, rank, downloads, newest, words FROM package
WHERE (?2 IS NULL OR substr(words, ?1, 1) = ?2
    OR (?2 = '!' AND substr(words, ?1, 1) NOT IN ('r', 'n'))
    OR (?2 = 'u' AND substr(words, ?1, 1) IN ('', '.')))
  AND (?3 IS NULL OR instr(name, ?3) > 0)
  AND (?4 IS NULL AND ?5 IS NULL OR id IN (
    SELECT j.package FROM result r CROSS JOIN job j ON j.id = r.job
    WHERE r.final AND r.state = 'fail' AND j.target = ?1 AND j.state <> 'superseded'
      AND (?4 IS NULL OR r.reason = ?4) AND (?5 IS NULL OR r.owner = ?5)))
ORDER BY rank IS NULL, rank, name LIMIT ?6 OFFSET ?7

-- name: view_packages_by_name
SELECT id, name, rank, downloads, newest, words FROM package
WHERE (?2 IS NULL OR substr(words, ?1, 1) = ?2
    OR (?2 = '!' AND substr(words, ?1, 1) NOT IN ('r', 'n'))
    OR (?2 = 'u' AND substr(words, ?1, 1) IN ('', '.')))
  AND (?3 IS NULL OR instr(name, ?3) > 0)
  AND (?4 IS NULL AND ?5 IS NULL OR id IN (
    SELECT j.package FROM result r CROSS JOIN job j ON j.id = r.job
    WHERE r.final AND r.state = 'fail' AND j.target = ?1 AND j.state <> 'superseded'
      AND (?4 IS NULL OR r.reason = ?4) AND (?5 IS NULL OR r.owner = ?5)))
ORDER BY name LIMIT ?6 OFFSET ?7

-- name: view_packages_count
SELECT count(*) FROM package
WHERE (?2 IS NULL OR substr(words, ?1, 1) = ?2
    OR (?2 = '!' AND substr(words, ?1, 1) NOT IN ('r', 'n'))
    OR (?2 = 'u' AND substr(words, ?1, 1) IN ('', '.')))
  AND (?3 IS NULL OR instr(name, ?3) > 0)
  AND (?4 IS NULL AND ?5 IS NULL OR id IN (
    SELECT j.package FROM result r CROSS JOIN job j ON j.id = r.job
    WHERE r.final AND r.state = 'fail' AND j.target = ?1 AND j.state <> 'superseded'
      AND (?4 IS NULL OR r.reason = ?4) AND (?5 IS NULL OR r.owner = ?5)))

-- The plus signs keep the planner off the indexes of all results.
-- name: view_packages_why
SELECT u.vanished, r.reason, r.line
FROM (SELECT 1) LEFT JOIN published_fact u ON u.package = ?1 AND substr(u.targets, ?2, 1) = '1'
  LEFT JOIN result r ON r.id = (
    SELECT r.id FROM job j CROSS JOIN result r ON r.job = j.id
    WHERE j.package = ?1 AND j.target = ?2 AND j.state <> 'superseded' AND +r.final
      AND +r.state = 'fail'
    ORDER BY r.id DESC LIMIT 1)

-- Names that have ?1: the name itself, then those that begin with it, then by rank. The index has all
-- columns that are read.
-- name: view_search
SELECT name, rank, words FROM package INDEXED BY package_by_rank
WHERE instr(name, ?1) > 0
ORDER BY name <> ?1, instr(name, ?1) <> 1, rank IS NULL, rank, name LIMIT ?2

-- name: view_names
SELECT name, scanned, words FROM package
ORDER BY rank IS NULL, rank, name

-- name: view_job_numbers
SELECT id FROM job ORDER BY id

-- name: view_totals
SELECT words, packages, downloads FROM words_total WHERE packages > 0

-- When the last scan ended, or began if it runs.
-- name: view_last_scan
SELECT coalesce(ended, started) FROM night ORDER BY id DESC LIMIT 1
