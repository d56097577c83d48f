-- name: target_put
INSERT INTO target (name, python, free_threaded, platform, family) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET python = excluded.python, free_threaded = excluded.free_threaded,
  platform = excluded.platform, family = excluded.family
RETURNING id

-- name: target_get
SELECT id, name, python, free_threaded, platform, family FROM target WHERE name = ?

-- name: target_list
SELECT id, name, python, free_threaded, platform, family FROM target ORDER BY name
