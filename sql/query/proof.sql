-- name: proof_add
INSERT INTO proof (key, agent, target, at) VALUES (?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET at = excluded.at

-- name: proof_drop
DELETE FROM proof WHERE key = ?

-- name: proof_list
SELECT key FROM proof
