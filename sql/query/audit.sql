-- name: audit_add
INSERT INTO audit (at, who, action, subject) VALUES (?, ?, ?, ?)

-- name: audit_list
SELECT at, who, action, subject, outcome FROM audit ORDER BY id DESC LIMIT ?

-- name: audit_end
UPDATE audit SET outcome = ?2 WHERE id = ?1
