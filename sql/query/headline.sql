-- name: published_put
INSERT OR REPLACE INTO published (package, target, state, version, file, sdist_version,
  first_version, first_date, lost_accelerator, emulated_alternative, vanished, compiled_elsewhere)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12);

-- name: published_list read
SELECT target, state, version, file, sdist_version, first_version, first_date, lost_accelerator,
  emulated_alternative, vanished, compiled_elsewhere
FROM published WHERE package = ?1;

-- name: headline_list read
SELECT target, headline, version, since FROM headline WHERE package = ?1;

-- name: headline_find
SELECT headline, version FROM headline WHERE package = ?1 AND target = ?2;

-- name: headline_put
INSERT INTO headline (package, target, headline, version, since) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (package, target) DO UPDATE SET headline = excluded.headline,
  version = excluded.version, since = excluded.since;

-- name: headline_set_version
UPDATE headline SET version = ?3 WHERE package = ?1 AND target = ?2;

-- name: headline_change_add
INSERT INTO headline_change (package, target, at, was, became, version)
VALUES (?1, ?2, ?3, ?4, ?5, ?6);
