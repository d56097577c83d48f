-- name: lease_insert
INSERT INTO lease (job, agent, attempt, fence, granted, deadline, hard_deadline)
VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: lease_renew
UPDATE lease SET deadline = ?2, stage = coalesce(?3, stage) WHERE id = ?1 AND ended IS NULL

-- name: lease_end
UPDATE lease SET ended = ?2, outcome = ?3 WHERE id = ?1 AND ended IS NULL

-- name: lease_get
SELECT id, job, agent, attempt, fence, granted, deadline, hard_deadline, stage, outcome
FROM lease WHERE job = ? AND fence = ?

-- name: lease_live
SELECT id, job, agent, attempt, fence, granted, deadline, hard_deadline, stage, outcome
FROM lease INDEXED BY lease_live WHERE ended IS NULL ORDER BY id

-- name: lease_durations
SELECT j.target, avg(l.ended - l.granted) / 1000.0
FROM (SELECT job, granted, ended FROM lease WHERE outcome = 'result' ORDER BY id DESC LIMIT 1000) l
  JOIN job j ON j.id = l.job
GROUP BY j.target
