-- What the pages about the farm itself read.

-- name: farm_leases
SELECT l.agent, l.job, p.name, j.version, t.name, j.mode, l.stage, l.granted, j.kind
FROM lease l INDEXED BY lease_live JOIN job j ON j.id = l.job JOIN package p ON p.id = j.package
  JOIN target t ON t.id = j.target
WHERE l.ended IS NULL ORDER BY l.granted

-- name: farm_queue
SELECT t.name, sum(j.state = 'queued'), sum(j.state = 'leased')
FROM job j JOIN target t ON t.id = j.target
WHERE j.id IN (SELECT id FROM job WHERE state = 'queued'
  UNION SELECT job FROM lease WHERE ended IS NULL)
GROUP BY t.id ORDER BY t.name

-- The latest final results, newest first: who reads them stops when the days are told.
-- name: farm_results
SELECT accepted / 86400000, owner, reason FROM result WHERE final ORDER BY id DESC LIMIT 20000

-- The latest faults that were the farm's, final or not, newest first.
-- name: farm_faults
SELECT l.agent, r.reason, r.line, r.accepted
FROM (SELECT id, lease, owner, reason, line, accepted FROM result ORDER BY id DESC LIMIT 2000) r
  JOIN lease l ON l.id = r.lease
WHERE r.owner = 'farm' ORDER BY r.id DESC

-- Why builds for a target fail: how many packages and downloads each reason holds.
-- name: farm_causes
SELECT r.reason, r.owner, p.name, p.downloads, p.rank, r.line, j.id
FROM job j CROSS JOIN result r ON r.job = j.id CROSS JOIN package p ON p.id = j.package
WHERE j.target = ?1 AND j.state = 'done' AND j.kind <> 'control' AND +r.final AND r.state = 'fail'
ORDER BY p.rank IS NULL, p.rank, p.name, r.id DESC
