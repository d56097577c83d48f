-- name: view_builds_of_package
SELECT build.*, (SELECT max(after) FROM job_after WHERE job_after.job = build.job), s.source_sha256,
  (SELECT body ->> '$.toolchain' FROM result WHERE id = build.result)
FROM build JOIN job_spec s ON s.job = build.job
WHERE package = ? AND kind <> 'control' ORDER BY coalesce(accepted, created) DESC, build.job DESC LIMIT 50

-- name: view_build_of_job
SELECT build.*, (SELECT max(after) FROM job_after WHERE job_after.job = build.job), s.source_sha256,
  (SELECT body ->> '$.toolchain' FROM result WHERE id = build.result)
FROM build JOIN job_spec s ON s.job = build.job
WHERE build.job = ?

-- name: view_builds_latest
SELECT build.*, (SELECT max(after) FROM job_after WHERE job_after.job = build.job), s.source_sha256,
  (SELECT body ->> '$.toolchain' FROM result WHERE id = build.result)
FROM build JOIN job_spec s ON s.job = build.job
WHERE build.job IN (SELECT job FROM result WHERE final ORDER BY id DESC LIMIT 20)
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
  r.log_blob, s.source, s.source_sha256
FROM job j
  JOIN job_spec s ON s.job = j.id
  LEFT JOIN result r ON r.id = (SELECT max(id) FROM result WHERE job = j.id AND +final)
  LEFT JOIN lease l ON l.id = (SELECT max(id) FROM lease WHERE job = j.id)
  LEFT JOIN agent a ON a.id = l.agent
WHERE j.id = ?

-- name: view_job_spec
SELECT spec FROM job_spec WHERE job = ?

-- name: view_package_row
SELECT rank, downloads, newest FROM package WHERE id = ?

-- Packages with a failed build for target ?1, of reason ?2 and owner ?3.
-- name: view_failed_packages
SELECT DISTINCT j.package FROM result r CROSS JOIN job j ON j.id = r.job
WHERE r.final AND r.state = 'fail' AND j.target = ?1 AND j.state <> 'superseded'
  AND j.kind <> 'control' AND (?2 IS NULL OR r.reason = ?2) AND (?3 IS NULL OR r.owner = ?3)
ORDER BY j.package

-- The plus signs keep the planner off the indexes of all results.
-- name: view_packages_why
SELECT u.vanished, r.reason, r.line, u.state
FROM (SELECT 1) LEFT JOIN published_fact u ON u.package = ?1 AND substr(u.targets, ?2, 1) = '1'
  LEFT JOIN result r ON r.id = (
    SELECT r.id FROM job j CROSS JOIN result r ON r.job = j.id
    WHERE j.package = ?1 AND j.target = ?2 AND j.state <> 'superseded' AND j.kind <> 'control' AND +r.final
      AND +r.state = 'fail'
    ORDER BY r.id DESC LIMIT 1)

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
