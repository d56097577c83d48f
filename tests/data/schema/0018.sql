CREATE TABLE agent (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  token_hash TEXT NOT NULL UNIQUE,        -- SHA-256 of the token; the token itself is never stored
  trusted INTEGER NOT NULL DEFAULT 0,
  local INTEGER NOT NULL DEFAULT 0,       -- started by `run`: dead when that ends
  state TEXT NOT NULL,                    -- active, draining, quarantined, revoked
  capabilities TEXT,                      -- JSON, as it last said
  version TEXT,
  added INTEGER NOT NULL,
  seen INTEGER,
  faults INTEGER NOT NULL DEFAULT 0       -- farm faults in a row
, why TEXT, proved INTEGER, fooled INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "agent" VALUES(1,'one','1111111111111111111111111111111111111111111111111111111111111111',1,0,'active',NULL,'0.1.0',5,6,2,NULL,NULL,0);
INSERT INTO "agent" VALUES(2,'two','2222222222222222222222222222222222222222222222222222222222222222',0,0,'revoked',NULL,NULL,5,NULL,0,NULL,NULL,0);
CREATE TABLE artefact (
  result INTEGER NOT NULL REFERENCES result(id) ON DELETE CASCADE,
  filename TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  kind TEXT NOT NULL,                     -- wheel, lock, inspect
  inspect TEXT, kept INTEGER NOT NULL DEFAULT 1,                           -- the coordinator's own report on a wheel, JSON
  PRIMARY KEY (result, filename)
) STRICT, WITHOUT ROWID;
INSERT INTO "artefact" VALUES(2,'demo-1.0-cp313-cp313-manylinux_2_28_aarch64.whl','5555555555555555555555555555555555555555555555555555555555555555',1234,'wheel','{}',1);
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,                      -- "local", or the address that the request came from
  action TEXT NOT NULL,                   -- agent_add, agent_revoke, …
  subject TEXT,                           -- the agent's name
  outcome TEXT                            -- ok, or why not; null: asked, and the end is not known
) STRICT;
INSERT INTO "audit" VALUES(1,9,'local','agent_add','one','ok');
CREATE TABLE blocker (
  package INTEGER NOT NULL REFERENCES package(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  targets TEXT NOT NULL,                  -- '1' at the place of each target's id, else '0'
  root TEXT NOT NULL,                     -- the package that would have to change
  version TEXT,                           -- of it, that would be taken; null: it has none
  reason TEXT NOT NULL,                   -- a word of coordinator/solve/question.h, or conflict
  path TEXT NOT NULL,                     -- how it comes in: "a 1.0 -> b 2.0"
  PRIMARY KEY (package, number)
) STRICT, WITHOUT ROWID;
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
INSERT INTO "change" VALUES(2,1700000000000,1,'01','?m','?b',NULL,'1.0');
INSERT INTO "change" VALUES(3,1700000003000,1,'01','sm','sb','1.0','1.0');
CREATE TABLE dependency_due (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  package INTEGER NOT NULL UNIQUE REFERENCES package(id) ON DELETE CASCADE
) STRICT;
INSERT INTO "dependency_due" VALUES(1,1);
CREATE TABLE dependency_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  targets TEXT NOT NULL,                  -- names, in the order of the packs' bits
  judged INTEGER NOT NULL                 -- wall ms
, done INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE file_pack (
  package INTEGER PRIMARY KEY REFERENCES package(id) ON DELETE CASCADE,
  files INTEGER NOT NULL,
  pack BLOB NOT NULL
) STRICT;
CREATE TABLE file_requires (
  key BLOB PRIMARY KEY,                   -- SHA-256 of the metadata if the index tells it, else of the file
  requires INTEGER NOT NULL REFERENCES requires(id)
, package INTEGER REFERENCES package(id) ON DELETE CASCADE) STRICT, WITHOUT ROWID;
CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,               -- hash of what makes it this job (farm.md); same key, same job
  kind TEXT NOT NULL,
  package INTEGER NOT NULL REFERENCES package(id),
  version TEXT NOT NULL,
  target INTEGER NOT NULL REFERENCES target(id),
  mode TEXT NOT NULL,
  needs TEXT NOT NULL,                    -- JSON: what an agent must have (toolchain, images)
  state TEXT NOT NULL,                    -- queued, leased, done, superseded
  priority INTEGER NOT NULL,              -- lower first
  attempts INTEGER NOT NULL DEFAULT 0,    -- leases granted so far
  farm_faults INTEGER NOT NULL DEFAULT 0, -- attempts lost to the farm; at most 3
  limit_faults INTEGER NOT NULL DEFAULT 0, -- attempts that broke a limit; at most 2
  not_before INTEGER NOT NULL DEFAULT 0,
  avoid_agent INTEGER,                    -- try another one first
  created INTEGER NOT NULL,
  finished INTEGER
) STRICT;
INSERT INTO "job" VALUES(1,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','build',1,'1.0',1,'cross','{"toolchains":["cross-zig"]}','done',1,2,1,0,0,2,7,9);
INSERT INTO "job" VALUES(2,'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','build',1,'1.0',2,'cross','{}','leased',2,1,0,0,0,NULL,7,NULL);
INSERT INTO "job" VALUES(3,'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','build',2,'2.0',2,'cross','{}','queued',3,0,0,0,8,NULL,7,NULL);
CREATE TABLE job_after (
  job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
  after INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
  PRIMARY KEY (job, after)
) STRICT, WITHOUT ROWID;
INSERT INTO "job_after" VALUES(3,2);
CREATE TABLE job_blob (
  job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (job, sha256)
) STRICT, WITHOUT ROWID;
CREATE TABLE job_spec (
  job INTEGER PRIMARY KEY REFERENCES job(id) ON DELETE CASCADE,
  spec TEXT NOT NULL                      -- the resolved job as JSON
, source TEXT, source_sha256 TEXT, expect_native INTEGER NOT NULL DEFAULT 0, wall_s INTEGER NOT NULL DEFAULT 0, recipe_commit TEXT, recipe_dirty INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "job_spec" VALUES(1,'{"id":1}',NULL,NULL,0,0,NULL,0);
INSERT INTO "job_spec" VALUES(2,'{"id":2}',NULL,NULL,0,0,NULL,0);
INSERT INTO "job_spec" VALUES(3,'{"id":3}',NULL,NULL,0,0,NULL,0);
CREATE TABLE judged_pack (
  package INTEGER PRIMARY KEY REFERENCES package(id) ON DELETE CASCADE,
  pack BLOB NOT NULL,                     -- coordinator/solve/release_pack.h
  known INTEGER NOT NULL,                 -- of its wheels, how many had metadata that was read
  round INTEGER NOT NULL                  -- the last note of the round that judged by it
) STRICT;
CREATE TABLE "lease" (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES job(id),
  agent INTEGER NOT NULL REFERENCES agent(id),
  attempt INTEGER NOT NULL,
  fence TEXT NOT NULL,                    -- "JOB-RANDOM"; of old ones the second part
  granted INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  hard_deadline INTEGER NOT NULL,
  stage TEXT,                             -- where the agent last said it was
  ended INTEGER,
  outcome TEXT                            -- result, expired, farm_fault, revoked; null while live
) STRICT;
INSERT INTO "lease" VALUES(1,1,2,1,'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',7,8,99,'build',8,'farm_fault');
INSERT INTO "lease" VALUES(2,1,1,2,'ffffffffffffffffffffffffffffffffffffffffffffffff',8,9,99,'test',9,'result');
INSERT INTO "lease" VALUES(3,2,1,1,'000000000000000000000000000000000000000000000000',8,4000000000000,4000000000000,'fetch',NULL,NULL);
CREATE TABLE need (
  package INTEGER NOT NULL REFERENCES package(id) ON DELETE CASCADE,
  extra TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (package, extra, name)
) STRICT, WITHOUT ROWID;
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
INSERT INTO "night" VALUES(1,1700000000000,1700000001000,1,'h',2,1,0,0,0,0,0,1);
INSERT INTO "night" VALUES(2,1700000002000,NULL,0,'h',2,0,0,0,0,0,0,0);
CREATE TABLE package (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  display TEXT,                           -- as the index spells it
  rank INTEGER,
  downloads INTEGER,
  status TEXT,                            -- PEP 792: active, archived, quarantined, deprecated
  newest TEXT,                            -- highest final, not yanked release, whatever the target
  newest_date INTEGER,
  scanned INTEGER,                        -- last time the index gave its page
  etag TEXT,
  serial INTEGER,
  absent INTEGER NOT NULL DEFAULT 0,      -- the index said: no such project
  problem TEXT                            -- why its last scan failed, one line; null when it did not
, night INTEGER, outcome TEXT, words TEXT NOT NULL DEFAULT '', since TEXT NOT NULL DEFAULT '', dependencies TEXT NOT NULL DEFAULT '', with_built TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "package" VALUES(1,'demo','Demo',1,1000,NULL,'1.0',1600000000000,1700000000000,NULL,NULL,0,NULL,NULL,NULL,'bm','1700000000000,1700000000000','','');
INSERT INTO "package" VALUES(2,'other',NULL,2,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL,NULL,'..','0,0','','');
CREATE TABLE proof (
  key TEXT PRIMARY KEY,                   -- hash of canary, agent, and what the agent is made of
  agent TEXT NOT NULL,                    -- its name
  target TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
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
INSERT INTO "published_fact" VALUES(1,0,'11','sdist_only',NULL,NULL,NULL,'1.0','demo-1.0.tar.gz',NULL,NULL,NULL,NULL,NULL,0,0,NULL,1);
CREATE TABLE release_pack (
  package INTEGER PRIMARY KEY REFERENCES package(id) ON DELETE CASCADE,
  pack BLOB NOT NULL
) STRICT;
CREATE TABLE requires (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,            -- of the text
  text TEXT NOT NULL                      -- lines of coordinator/solve/requires_text.h
) STRICT;
CREATE TABLE result (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES job(id),
  lease INTEGER NOT NULL UNIQUE REFERENCES lease(id),
  accepted INTEGER NOT NULL,              -- wall ms
  state TEXT NOT NULL,                    -- pass, fail
  stage TEXT,
  reason TEXT,
  owner TEXT,
  line TEXT,
  mode TEXT NOT NULL,
  executor TEXT,
  proven INTEGER NOT NULL,                -- its import ran on the target
  tests_passed INTEGER NOT NULL,
  tests_failed INTEGER NOT NULL,
  log_sha256 TEXT,
  log_size INTEGER NOT NULL,
  started INTEGER NOT NULL,
  finished INTEGER NOT NULL,
  recipe_commit TEXT,
  recipe_dirty INTEGER NOT NULL,
  final INTEGER NOT NULL,                 -- 0: a farm fault, the job went back to the queue
  body TEXT NOT NULL                      -- the whole result as the agent sent it, fence left out
, toolchain_sha256 TEXT, tests_skipped INTEGER NOT NULL DEFAULT 0, log_blob TEXT, rules TEXT) STRICT;
INSERT INTO "result" VALUES(1,1,1,8,'fail','build','network','farm','no route','cross','',0,0,0,NULL,0,7,8,NULL,0,0,'{}',NULL,0,NULL,NULL);
INSERT INTO "result" VALUES(2,1,2,9,'pass',NULL,NULL,NULL,NULL,'cross','qemu-user',1,3,0,'3333333333333333333333333333333333333333333333333333333333333333',77,8,9,'4444444444444444444444444444444444444444',0,1,'{"stages":[{"stage":"build","status":"pass","wall_s":1.5,"cpu_s":1.25,"peak_memory":1048576,"io_read":0,"io_write":0,"log_from":0,"log_to":77,"limits":""}],"imports":[{"module":"demo","ok":true,"native":true,"error":null}]}',NULL,0,'3333333333333333333333333333333333333333333333333333333333333333',NULL);
CREATE TABLE target (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,              -- cp313-win_arm64
  python TEXT NOT NULL,                   -- 3.13
  free_threaded INTEGER NOT NULL,
  platform TEXT NOT NULL,                 -- win_arm64, manylinux_2_28_aarch64
  family TEXT NOT NULL                    -- windows, glibc, musl
) STRICT;
INSERT INTO "target" VALUES(1,'cp313-manylinux_2_28_aarch64','3.13',0,'manylinux_2_28_aarch64','glibc');
INSERT INTO "target" VALUES(2,'cp313-win_arm64','3.13',0,'win_arm64','windows');
CREATE TABLE trend (
  target INTEGER NOT NULL REFERENCES target(id),
  top INTEGER NOT NULL,                   -- of rank 1 to so many; 0: all there are
  night INTEGER NOT NULL REFERENCES night(id) ON DELETE CASCADE,
  packages INTEGER NOT NULL,
  ready INTEGER NOT NULL,
  downloads INTEGER NOT NULL,
  ready_downloads INTEGER NOT NULL,
  PRIMARY KEY (target, top, night)
) STRICT, WITHOUT ROWID;
CREATE TABLE wheel (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,            -- as the index tells it
  filename TEXT NOT NULL,
  package INTEGER NOT NULL REFERENCES package(id) ON DELETE CASCADE,
  rules INTEGER NOT NULL,                 -- of core/inspect, when it was judged
  columns INTEGER NOT NULL,               -- what made the columns below out of the report
  depth TEXT NOT NULL,                    -- headers; or full: then the bytes had that hash
  inspected INTEGER NOT NULL,             -- wall ms
  size INTEGER NOT NULL,
  machine TEXT,                           -- of its binaries; null: it has none
  glibc TEXT,                             -- the floor
  page_size INTEGER,                      -- smallest alignment of its ELF binaries for aarch64
  bundled TEXT NOT NULL,                  -- names of the libraries that came along, JSON
  errors INTEGER NOT NULL,
  warnings INTEGER NOT NULL,
  worst TEXT,                             -- code of the worst problem
  problems TEXT NOT NULL,                 -- code, severity, path, detail; worst first, JSON
  broken TEXT,                            -- code of the error for which no import can work there
  report_size INTEGER NOT NULL,
  report BLOB NOT NULL                    -- the whole report as JSON, by zlib: facts, then problems
) STRICT;
INSERT INTO "wheel" VALUES(1,'6666666666666666666666666666666666666666666666666666666666666666','demo-1.0-py3-none-any.whl',1,1,1,'full',1700000000000,99,NULL,NULL,NULL,'[]',0,0,NULL,'[]',NULL,36,X'789CAB564ACBCC4955B2524A49CDCDD735D433D02DA834D6CDCBCF4BD54DCCABD42BCFC851AA0500D3FD0BD0');
CREATE TABLE words_total (
  words TEXT PRIMARY KEY,
  packages INTEGER NOT NULL,
  downloads INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "words_total" VALUES('..',1,0);
INSERT INTO "words_total" VALUES('bm',1,1000);
CREATE INDEX job_queued ON job (id) WHERE state = 'queued';
CREATE INDEX job_by_package ON job (package, target, id);
CREATE INDEX result_by_job ON result (job, id);
CREATE INDEX result_final ON result (id) WHERE final;
CREATE INDEX result_final_state ON result (state) WHERE final;
CREATE INDEX package_by_rank ON package (rank IS NULL, rank, name, words);
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
CREATE UNIQUE INDEX lease_live ON lease (job) WHERE ended IS NULL;
CREATE INDEX lease_by_job ON lease (job, id);
CREATE INDEX wheel_broken ON wheel (sha256) WHERE broken IS NOT NULL;
CREATE INDEX wheel_by_columns ON wheel (columns);
CREATE TRIGGER words_total_insert AFTER INSERT ON package BEGIN
  INSERT INTO words_total VALUES (new.words, 1, coalesce(new.downloads, 0))
  ON CONFLICT DO UPDATE SET packages = packages + 1, downloads = downloads + excluded.downloads;
END;
CREATE TRIGGER words_total_delete AFTER DELETE ON package BEGIN
  UPDATE words_total SET packages = packages - 1, downloads = downloads - coalesce(old.downloads, 0)
  WHERE words = old.words;
  DELETE FROM words_total WHERE words = old.words AND packages = 0;
END;
CREATE TRIGGER words_total_update AFTER UPDATE OF words, downloads ON package
WHEN old.words <> new.words OR old.downloads IS NOT new.downloads BEGIN
  UPDATE words_total SET packages = packages - 1, downloads = downloads - coalesce(old.downloads, 0)
  WHERE words = old.words;
  DELETE FROM words_total WHERE words = old.words AND packages = 0;
  INSERT INTO words_total VALUES (new.words, 1, coalesce(new.downloads, 0))
  ON CONFLICT DO UPDATE SET packages = packages + 1, downloads = downloads + excluded.downloads;
END;
CREATE VIEW build AS
SELECT j.id AS job, j.package AS package, p.name AS name, j.version AS version, t.name AS target,
  j.mode AS mode, j.state AS job_state, j.created AS created, j.attempts AS attempts,
  r.id AS result, r.state AS state, coalesce(r.stage, l.stage) AS stage, r.reason AS reason,
  r.owner AS owner, r.line AS line, r.executor AS executor, r.proven AS proven,
  r.accepted AS accepted, r.started AS started, r.finished AS finished,
  r.tests_passed AS tests_passed, r.tests_failed AS tests_failed, j.target AS target_id,
  j.kind AS kind, r.tests_skipped AS tests_skipped
FROM job j
  JOIN package p ON p.id = j.package
  JOIN target t ON t.id = j.target
  LEFT JOIN result r ON r.id = (SELECT max(id) FROM result WHERE job = j.id AND +final)
  LEFT JOIN lease l ON l.job = j.id AND l.ended IS NULL;
CREATE INDEX trend_by_night ON trend (night);
CREATE INDEX change_by_package ON change (package, id);
CREATE INDEX result_log_blob ON result (log_blob) WHERE log_blob IS NOT NULL;
CREATE INDEX artefact_sha256 ON artefact (sha256);
CREATE INDEX job_blob_sha256 ON job_blob (sha256);
CREATE VIEW result_stage AS
SELECT r.id AS result, s.key AS position, s.value ->> '$.stage' AS stage,
  s.value ->> '$.status' AS status, coalesce(s.value ->> '$.wall_s', 0.0) AS wall_s,
  coalesce(s.value ->> '$.cpu_s', 0.0) AS cpu_s, coalesce(s.value ->> '$.peak_memory', 0) AS peak_memory,
  coalesce(s.value ->> '$.log_from', 0) AS log_from, coalesce(s.value ->> '$.log_to', 0) AS log_to,
  coalesce(s.value ->> '$.io_read', 0) AS io_read, coalesce(s.value ->> '$.io_write', 0) AS io_write,
  coalesce(s.value ->> '$.limits', '') AS limits
FROM result r, json_each(r.body, '$.stages') s;
CREATE VIEW import_result AS
SELECT r.id AS result, i.key AS position, i.value ->> '$.module' AS module, i.value ->> '$.ok' AS ok,
  coalesce(i.value ->> '$.native', 0) AS native, i.value ->> '$.error' AS error
FROM result r, json_each(r.body, '$.imports') i;
CREATE INDEX file_requires_by_package ON file_requires (package, key, requires);
CREATE INDEX need_by_name ON need (name, package, extra);
CREATE INDEX blocker_by_root ON blocker (root, package);
CREATE TRIGGER due_insert AFTER INSERT ON file_pack BEGIN
  DELETE FROM release_pack WHERE package = new.package;
  DELETE FROM dependency_due WHERE package = new.package;
  INSERT INTO dependency_due (package) VALUES (new.package);
END;
CREATE TRIGGER due_update AFTER UPDATE ON file_pack BEGIN
  DELETE FROM release_pack WHERE package = new.package;
  DELETE FROM dependency_due WHERE package = new.package;
  INSERT INTO dependency_due (package) VALUES (new.package);
END;
CREATE TRIGGER due_delete AFTER DELETE ON file_pack
WHEN EXISTS (SELECT 1 FROM package WHERE id = old.package) BEGIN
  DELETE FROM release_pack WHERE package = old.package;
  DELETE FROM dependency_due WHERE package = old.package;
  INSERT INTO dependency_due (package) VALUES (old.package);
END;
CREATE TRIGGER due_page AFTER UPDATE OF scanned, absent ON package
WHEN old.scanned IS NULL OR old.absent <> new.absent BEGIN
  DELETE FROM dependency_due WHERE package = new.id;
  INSERT INTO dependency_due (package) VALUES (new.id);
END;
CREATE INDEX package_with_built ON package (id) WHERE with_built <> '';
CREATE TRIGGER due_built AFTER INSERT ON artefact
WHEN new.kind = 'wheel' AND new.inspect ->> '$.ok' BEGIN
  DELETE FROM dependency_due WHERE package IN
    (SELECT j.package FROM result r JOIN job j ON j.id = r.job WHERE r.id = new.result AND j.kind = 'build');
  INSERT INTO dependency_due (package)
    SELECT j.package FROM result r JOIN job j ON j.id = r.job WHERE r.id = new.result AND j.kind = 'build';
END;
CREATE TRIGGER due_withdrawn AFTER UPDATE OF final ON result WHEN old.final <> new.final BEGIN
  DELETE FROM dependency_due WHERE package IN
    (SELECT package FROM job WHERE id = new.job AND kind = 'build');
  INSERT INTO dependency_due (package) SELECT package FROM job WHERE id = new.job AND kind = 'build';
END;
CREATE TRIGGER due_superseded AFTER UPDATE OF state ON job
WHEN new.kind = 'build' AND (old.state = 'superseded') <> (new.state = 'superseded') BEGIN
  DELETE FROM dependency_due WHERE package = new.package;
  INSERT INTO dependency_due (package) VALUES (new.package);
END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('dependency_due',1);
PRAGMA user_version = 18;
