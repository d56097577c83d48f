-- What the coordinator itself asks of a job's spec, told apart from it: a spec goes to an agent as it is
-- and is not parsed at each lease. A spec that cannot be read has no source.
ALTER TABLE job_spec ADD COLUMN source TEXT;         -- its file's name
ALTER TABLE job_spec ADD COLUMN source_sha256 TEXT;
ALTER TABLE job_spec ADD COLUMN expect_native INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job_spec ADD COLUMN wall_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job_spec ADD COLUMN recipe_commit TEXT;
ALTER TABLE job_spec ADD COLUMN recipe_dirty INTEGER NOT NULL DEFAULT 0;
UPDATE job_spec SET
  source = CAST(spec ->> '$.source.filename' AS TEXT),
  source_sha256 = CAST(spec ->> '$.source.sha256' AS TEXT),
  expect_native = CAST(coalesce(spec ->> '$.expect_native', 0) AS INTEGER),
  wall_s = CAST(coalesce(spec ->> '$.limits.wall_s', 0) AS INTEGER),
  recipe_commit = CAST(spec ->> '$.recipe.commit' AS TEXT),
  recipe_dirty = CAST(coalesce(spec ->> '$.recipe.dirty', 0) AS INTEGER)
WHERE json_valid(spec);
