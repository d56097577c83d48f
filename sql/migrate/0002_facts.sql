-- Facts of a whole index, compact: the files of a package are one blob (coordinator/store/file_pack.h),
-- targets with the same published fact share a row, headlines are one letter a target. Pages are read
-- again after this; what began when, and what changed since, is kept.

-- A scan is a night.
CREATE TABLE night (
  id INTEGER PRIMARY KEY,
  started INTEGER NOT NULL,
  ended INTEGER,                          -- null: it runs, or was killed
  whole INTEGER NOT NULL DEFAULT 0,       -- 1: it came to its end; 0: open, or given up
  list TEXT NOT NULL,                     -- a hash of what it was asked for
  asked INTEGER NOT NULL,
  read INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  absent INTEGER NOT NULL DEFAULT 0,
  bad INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  received INTEGER NOT NULL DEFAULT 0,
  last_change INTEGER NOT NULL DEFAULT 0  -- of the log, when it ended
) STRICT;

ALTER TABLE package ADD COLUMN night INTEGER; -- the last one that settled it
ALTER TABLE package ADD COLUMN outcome TEXT;  -- what it found: read, unchanged, absent, bad
-- One letter a target at its id's place (coordinator/store/standing.h); shorter: unknown from there on.
ALTER TABLE package ADD COLUMN words TEXT NOT NULL DEFAULT '';
-- Since when, in the same order: wall ms, comma; "TIME*N" stands for N targets.
ALTER TABLE package ADD COLUMN since TEXT NOT NULL DEFAULT '';
UPDATE package SET etag = NULL, serial = NULL,
  words = coalesce((SELECT group_concat(letter, '') FROM (
    SELECT CASE h.headline WHEN 'ready' THEN 'r' WHEN 'degraded' THEN 'd' WHEN 'builds' THEN 'b'
      WHEN 'blocked' THEN 'k' WHEN 'broken' THEN 'x' WHEN 'vanished' THEN 'v' WHEN 'missing' THEN 'm'
      WHEN 'not_applicable' THEN 'n' WHEN 'unknown' THEN 'u' ELSE '.' END AS letter
    FROM target t LEFT JOIN headline h ON h.target = t.id AND h.package = package.id
    ORDER BY t.id)), ''),
  since = coalesce((SELECT group_concat(since, ',') FROM (
    SELECT coalesce(h.since, 0) AS since
    FROM target t LEFT JOIN headline h ON h.target = t.id AND h.package = package.id
    ORDER BY t.id)), '');
DROP INDEX package_totals;
DROP INDEX package_by_rank;
CREATE INDEX package_by_rank ON package (rank IS NULL, rank, name, words);

CREATE TABLE file_pack (
  package INTEGER PRIMARY KEY REFERENCES package(id) ON DELETE CASCADE,
  files INTEGER NOT NULL,
  pack BLOB NOT NULL
) STRICT;

-- The published fact (facts.md): one row for all targets of a package that share it.
CREATE TABLE published_fact (
  package INTEGER NOT NULL REFERENCES package(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  targets TEXT NOT NULL,                  -- '1' at the place of each target's id, else '0'
  state TEXT NOT NULL,
  version TEXT,
  file TEXT,
  file_sha256 TEXT,
  sdist_version TEXT,                     -- newest release with an sdist that admits this Python
  sdist_file TEXT,
  first_version TEXT,
  first_date INTEGER,
  newest_version TEXT,                    -- newest final release that supports the target
  newest_date INTEGER,
  behind INTEGER,                         -- final releases newer than that; null: never supported
  lost_accelerator INTEGER NOT NULL,
  emulated_alternative INTEGER NOT NULL,
  vanished TEXT,
  compiled_elsewhere INTEGER NOT NULL,    -- the release looked at has compiled wheels for any platform
  PRIMARY KEY (package, number)
) STRICT, WITHOUT ROWID;

-- What changed, one row for all targets of a package that changed in the same way at the same time.
-- Conditions are the letters of coordinator/store/change.h: published fact, then headline.
CREATE TABLE change (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  package INTEGER NOT NULL REFERENCES package(id) ON DELETE CASCADE,
  targets TEXT NOT NULL,
  was TEXT NOT NULL,
  became TEXT NOT NULL,
  was_version TEXT,                       -- the release the headline spoke of
  version TEXT
) STRICT;
INSERT INTO change (id, at, package, targets, was, became, was_version, version)
  SELECT c.id, c.at, c.package, printf('%.*c', c.target - 1, '0') || '1',
    '?' || CASE c.was WHEN 'ready' THEN 'r' WHEN 'degraded' THEN 'd' WHEN 'builds' THEN 'b'
      WHEN 'blocked' THEN 'k' WHEN 'broken' THEN 'x' WHEN 'vanished' THEN 'v' WHEN 'missing' THEN 'm'
      WHEN 'not_applicable' THEN 'n' ELSE 'u' END,
    '?' || CASE c.became WHEN 'ready' THEN 'r' WHEN 'degraded' THEN 'd' WHEN 'builds' THEN 'b'
      WHEN 'blocked' THEN 'k' WHEN 'broken' THEN 'x' WHEN 'vanished' THEN 'v' WHEN 'missing' THEN 'm'
      WHEN 'not_applicable' THEN 'n' ELSE 'u' END, NULL, c.version
  FROM headline_change c WHERE c.was IS NOT NULL;

DROP TRIGGER headline_total_downloads; -- the others go with their table
DROP TABLE headline_change;
DROP TABLE headline_total;
DROP TABLE headline;
DROP TABLE published;
DROP TABLE file;

-- For those who ask in SQL: one row a package and target.
CREATE VIEW published AS
SELECT f.package AS package, t.id AS target, f.state AS state, f.version AS version, f.file AS file,
  f.file_sha256 AS file_sha256, f.sdist_version AS sdist_version, f.sdist_file AS sdist_file,
  f.first_version AS first_version, f.first_date AS first_date, f.newest_version AS newest_version,
  f.newest_date AS newest_date, f.behind AS behind, f.lost_accelerator AS lost_accelerator,
  f.emulated_alternative AS emulated_alternative, f.vanished AS vanished,
  f.compiled_elsewhere AS compiled_elsewhere
FROM published_fact f JOIN target t ON substr(f.targets, t.id, 1) = '1';

CREATE VIEW headline AS
SELECT p.id AS package, t.id AS target, CASE substr(p.words, t.id, 1) WHEN 'r' THEN 'ready'
    WHEN 'd' THEN 'degraded' WHEN 'b' THEN 'builds' WHEN 'k' THEN 'blocked' WHEN 'x' THEN 'broken'
    WHEN 'v' THEN 'vanished' WHEN 'm' THEN 'missing' WHEN 'n' THEN 'not_applicable' ELSE 'unknown' END
    AS headline
FROM package p CROSS JOIN target t;
