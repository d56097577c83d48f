-- What packages need, and whether it can be had as wheels, for all packages and targets.

-- Whose metadata it is, so that a package's are found at once. What was kept before does not say it, and
-- is read again.
DELETE FROM file_requires;
ALTER TABLE file_requires ADD COLUMN package INTEGER REFERENCES package(id) ON DELETE CASCADE;
CREATE INDEX file_requires_by_package ON file_requires (package, key, requires);

-- The versions of a package and the wheels that fit each target, as a solver wants them
-- (coordinator/solve/release_pack.h). Made of the files when it is needed, and gone when they change.
CREATE TABLE release_pack (
  package INTEGER PRIMARY KEY REFERENCES package(id) ON DELETE CASCADE,
  pack BLOB NOT NULL
) STRICT;

-- Who names whom in the metadata that was read: `extra` is '' or the extra that asks for it, `name` is
-- "name" or "name[extra]". Names need not be packages of this database.
CREATE TABLE need (
  package INTEGER NOT NULL REFERENCES package(id) ON DELETE CASCADE,
  extra TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (package, extra, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX need_by_name ON need (name, package, extra);

-- One letter a target at its id's place, as `words`: o all can be had, k it is blocked, u nobody knows.
ALTER TABLE package ADD COLUMN dependencies TEXT NOT NULL DEFAULT '';

-- What blocks a package: one row for all its targets that are blocked in the same way.
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
CREATE INDEX blocker_by_root ON blocker (root, package);

-- Packages of which something is new since their dependents were judged; the newest note last. (In
-- triggers OR REPLACE would mean what the statement outside says.)
CREATE TABLE dependency_due (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  package INTEGER NOT NULL UNIQUE REFERENCES package(id) ON DELETE CASCADE
) STRICT;
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

-- One row once dependencies are read: for which targets packs and letters were made.
CREATE TABLE dependency_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  targets TEXT NOT NULL,                  -- names, in the order of the packs' bits
  judged INTEGER NOT NULL                 -- wall ms
) STRICT;
INSERT INTO dependency_due (package) SELECT id FROM package WHERE scanned IS NOT NULL;
