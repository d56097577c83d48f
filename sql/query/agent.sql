-- name: agent_put
INSERT INTO agent (name, token_hash, trusted, local, state, added) VALUES (?, ?, ?, ?, 'active', ?)
ON CONFLICT (name) DO UPDATE SET token_hash = excluded.token_hash, trusted = excluded.trusted,
  local = excluded.local, state = 'active', capabilities = NULL, version = NULL,
  added = excluded.added, seen = NULL, faults = 0, why = NULL, proved = NULL, fooled = 0
WHERE state = 'revoked'
RETURNING id

-- name: agent_by_name
SELECT id, name, token_hash, trusted, local, state, capabilities, version, added, seen, faults,
  why, proved, fooled
FROM agent WHERE name = ?

-- name: agent_list
SELECT id, name, token_hash, trusted, local, state, capabilities, version, added, seen, faults,
  why, proved, fooled
FROM agent ORDER BY name

-- name: agent_hello
UPDATE agent SET capabilities = ?2, version = ?3, seen = ?4 WHERE id = ?1

-- name: agent_seen
UPDATE agent SET seen = ?2 WHERE id = ?1

-- name: agent_set_state
UPDATE agent SET state = ?2, why = NULL, fooled = 0 WHERE id = ?1

-- name: agent_quarantine
UPDATE agent SET state = CASE state WHEN 'active' THEN 'quarantined' ELSE state END, why = ?2, fooled = ?3
WHERE id = ?1

-- name: agent_proved
UPDATE agent SET proved = ?2 WHERE id = ?1

-- name: agent_fault
UPDATE agent SET faults = faults + 1,
  state = CASE WHEN state = 'active' AND faults + 1 >= ?2 THEN 'quarantined' ELSE state END,
  why = CASE WHEN state = 'active' AND faults + 1 >= ?2
    THEN (faults + 1) || ' faults of its own in a row' ELSE why END
WHERE id = ?1
RETURNING faults, state

-- name: agent_fine
UPDATE agent SET faults = 0 WHERE id = ? AND faults <> 0
