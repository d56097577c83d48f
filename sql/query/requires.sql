-- name: requires_get
SELECT r.text FROM file_requires f JOIN requires r ON r.id = f.requires WHERE f.key = ?

-- name: requires_text_put
INSERT INTO requires (sha256, text) VALUES (?, ?) ON CONFLICT DO NOTHING

-- name: requires_put
INSERT INTO file_requires (key, requires, package)
SELECT ?1, r.id, p.id FROM requires r LEFT JOIN package p ON p.name = ?3 WHERE r.sha256 = ?2
ON CONFLICT (key) DO UPDATE SET requires = excluded.requires, package = excluded.package

-- name: requires_due
INSERT OR REPLACE INTO dependency_due (package) SELECT id FROM package WHERE name = ?
