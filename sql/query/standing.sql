-- name: standing_get
SELECT headline, version, since FROM headline WHERE package = ? AND target = ?

-- name: standing_put
INSERT INTO headline (package, target, headline, version, since) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET headline = excluded.headline, version = excluded.version,
  since = excluded.since

-- name: standing_change
INSERT INTO headline_change (package, target, at, was, became, version) VALUES (?, ?, ?, ?, ?, ?)

-- name: standing_changes
SELECT c.at, p.name, t.name, c.was, c.became, c.version
FROM headline_change c JOIN package p ON p.id = c.package JOIN target t ON t.id = c.target
WHERE c.at >= ? AND c.was IS NOT NULL
ORDER BY c.at, c.id

-- name: standing_built
SELECT j.target, j.id, j.version, r.state, r.proven, r.stage, r.reason, r.owner
FROM job j CROSS JOIN result r ON r.job = j.id
WHERE j.package = ? AND j.kind = 'build' AND j.state <> 'superseded' AND +r.final
ORDER BY j.target, r.id
