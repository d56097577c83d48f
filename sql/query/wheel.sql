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

-- name: wheel_broken
SELECT broken, glibc FROM wheel WHERE sha256 = ? AND broken IS NOT NULL

-- name: wheel_stale
SELECT sha256 FROM wheel WHERE columns <> ? ORDER BY id LIMIT 1

-- name: wheel_of_package
SELECT sha256, filename, depth, inspected, size, machine, glibc, page_size, bundled, errors, warnings,
  problems, broken
FROM wheel
WHERE sha256 IN (SELECT file_sha256 FROM published_fact WHERE package = ? AND state = 'wheel')
