-- name: wheel_put
INSERT INTO wheel (sha256, filename, package, rules, columns, depth, inspected, size, machine, glibc, page_size,
  bundled, errors, warnings, worst, problems, broken, report_size, report)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (sha256) DO UPDATE SET filename = excluded.filename,
  package = excluded.package, rules = excluded.rules,
  columns = excluded.columns, depth = excluded.depth, inspected = excluded.inspected,
  size = excluded.size, machine = excluded.machine, glibc = excluded.glibc,
  page_size = excluded.page_size, bundled = excluded.bundled, errors = excluded.errors,
  warnings = excluded.warnings, worst = excluded.worst,
  problems = excluded.problems, broken = excluded.broken,
  report_size = excluded.report_size, report = excluded.report

-- name: wheel_get
SELECT sha256, filename, package, rules, columns, depth, inspected, size, machine, glibc, page_size, bundled,
  errors, warnings, worst, problems, broken, report_size, report
FROM wheel WHERE sha256 = ?

-- name: wheel_known
SELECT rules, depth FROM wheel WHERE sha256 = ?

-- name: wheel_errors
SELECT broken, glibc FROM wheel WHERE sha256 = ? AND errors > 0

-- Does a run agree with an error that the bytes of a wheel have, in what is loaded? What a stand-in could not run
-- says nothing.
-- name: wheel_fails
SELECT 1 FROM wheel w
WHERE w.sha256 = ?1 AND EXISTS (SELECT 1 FROM json_each(w.problems) p
    WHERE p.value ->> '$.severity' = 'error' AND p.value ->> '$.code' IN ('machine_mismatch', 'missing_dll',
      'missing_export', 'no_init_function'))
  AND EXISTS (SELECT 1
    FROM job j JOIN job_spec s ON s.job = j.id AND s.source_sha256 = w.sha256
      JOIN result x ON x.id = (SELECT max(id) FROM result WHERE job = j.id AND +final)
    WHERE j.package = ?2 AND j.target = ?3 AND j.kind = 'test_published' AND j.state = 'done'
      AND x.state = 'fail' AND x.owner <> 'farm'
      AND EXISTS (SELECT 1 FROM json_each(x.body, '$.stages') g
        WHERE g.value ->> '$.stage' = 'import' AND g.value ->> '$.status' = 'fail')
      AND NOT EXISTS (SELECT 1 FROM json_each(x.body, '$.imports') i
        WHERE i.value ->> '$.error' LIKE 'executor_limit:%'))

-- name: wheel_stale
SELECT sha256 FROM wheel WHERE columns <> ? ORDER BY id LIMIT 1

-- name: wheel_of_package
SELECT sha256, filename, depth, inspected, size, machine, glibc, page_size, bundled, errors, warnings,
  problems, broken
FROM wheel
WHERE sha256 IN (SELECT file_sha256 FROM published_fact WHERE package = ? AND state = 'wheel')
