-- name: requires_get
SELECT r.text FROM file_requires f JOIN requires r ON r.id = f.requires WHERE f.key = ?

-- name: requires_text_put
INSERT INTO requires (sha256, text) VALUES (?, ?) ON CONFLICT DO NOTHING

-- name: requires_put
INSERT INTO file_requires (key, requires) SELECT ?1, id FROM requires WHERE sha256 = ?2
ON CONFLICT (key) DO UPDATE SET requires = excluded.requires
