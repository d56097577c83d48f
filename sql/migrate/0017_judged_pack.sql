-- What verdicts were judged by: the versions of a package as they were then, so that a release more can be
-- told from another release. A row counts once its round is done.
CREATE TABLE judged_pack (
  package INTEGER PRIMARY KEY REFERENCES package(id) ON DELETE CASCADE,
  pack BLOB NOT NULL,                     -- coordinator/solve/release_pack.h
  known INTEGER NOT NULL,                 -- of its wheels, how many had metadata that was read
  round INTEGER NOT NULL                  -- the last note of the round that judged by it
) STRICT;
ALTER TABLE dependency_state ADD COLUMN done INTEGER NOT NULL DEFAULT 0; -- the last note of the last whole round
