-- The facts for others, in a new database (docs/export.md): `main` is the new one, `facts` the farm's.
CREATE TABLE target (
  name TEXT PRIMARY KEY,
  python TEXT NOT NULL,
  free_threaded INTEGER NOT NULL,
  platform TEXT NOT NULL,
  family TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO target SELECT name, python, free_threaded, platform, family FROM facts.target ORDER BY name;

CREATE TABLE package (
  name TEXT PRIMARY KEY,
  display TEXT,
  rank INTEGER,
  downloads INTEGER,
  status TEXT,
  newest TEXT,
  newest_date INTEGER,
  scanned INTEGER,
  absent INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO package
  SELECT name, display, rank, downloads, status, newest, newest_date, scanned, absent FROM facts.package
  ORDER BY name;

CREATE TABLE fact (
  package TEXT NOT NULL,
  target TEXT NOT NULL,
  headline TEXT NOT NULL,
  dependencies TEXT NOT NULL,
  state TEXT,
  version TEXT,
  file TEXT,
  first_version TEXT,
  first_date INTEGER,
  lost_accelerator INTEGER,
  emulated_alternative INTEGER,
  vanished TEXT,
  newest_version TEXT,
  PRIMARY KEY (package, target)
) STRICT, WITHOUT ROWID;
INSERT INTO fact
  SELECT p.name, t.name,
    CASE substr(p.words, t.id, 1) WHEN 'r' THEN 'ready' WHEN 'd' THEN 'degraded' WHEN 'b' THEN 'builds'
      WHEN 'k' THEN 'blocked' WHEN 'x' THEN 'broken' WHEN 'v' THEN 'vanished' WHEN 'm' THEN 'missing'
      WHEN 'n' THEN 'not_applicable' ELSE 'unknown' END,
    CASE substr(p.dependencies, t.id, 1) WHEN 'o' THEN 'ok' WHEN 'k' THEN 'blocked' ELSE 'unknown' END,
    f.state, f.version, f.file, f.first_version, f.first_date, f.lost_accelerator,
    f.emulated_alternative, f.vanished, f.newest_version
  FROM facts.package p CROSS JOIN facts.target t
    LEFT JOIN facts.published_fact f ON f.package = p.id AND substr(f.targets, t.id, 1) = '1'
  WHERE p.words <> '' ORDER BY p.name, t.name;

CREATE TABLE blocker (
  package TEXT NOT NULL,
  target TEXT NOT NULL,
  root TEXT NOT NULL,
  version TEXT,
  reason TEXT NOT NULL,
  path TEXT NOT NULL
) STRICT;
INSERT INTO blocker
  SELECT p.name, t.name, b.root, b.version, b.reason, b.path
  FROM facts.blocker b JOIN facts.package p ON p.id = b.package
    JOIN facts.target t ON substr(b.targets, t.id, 1) = '1'
  ORDER BY p.name, t.name, b.number;
CREATE INDEX blocker_by_package ON blocker (package, target);
CREATE INDEX blocker_by_root ON blocker (root, target);

CREATE TABLE need (
  package TEXT NOT NULL,
  extra TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (package, extra, name)
) STRICT, WITHOUT ROWID;
INSERT INTO need
  SELECT p.name, n.extra, n.name FROM facts.need n JOIN facts.package p ON p.id = n.package
  ORDER BY p.name, n.extra, n.name;
CREATE INDEX need_by_name ON need (name);

CREATE TABLE build (
  job INTEGER PRIMARY KEY,
  package TEXT NOT NULL,
  version TEXT NOT NULL,
  target TEXT NOT NULL,
  mode TEXT NOT NULL,
  state TEXT NOT NULL,
  stage TEXT,
  reason TEXT,
  owner TEXT,
  executor TEXT,
  proven INTEGER NOT NULL,
  tests_passed INTEGER NOT NULL,
  tests_failed INTEGER NOT NULL,
  accepted INTEGER NOT NULL
) STRICT;
INSERT INTO build
  SELECT job, name, version, target, mode, state, stage, reason, owner, executor, proven, tests_passed,
    tests_failed, accepted
  FROM facts.build WHERE state IS NOT NULL AND job_state <> 'superseded' AND kind = 'build'
  ORDER BY job;
CREATE INDEX build_by_package ON build (package, target);

PRAGMA main.user_version = 1;
