-- A lease and its end rewrite a job's row twice, and read its long texts once: those lie apart. The
-- fence of a lease begins with its job, so no index of its own is needed to find it.
-- (The program runs migrations with foreign keys off; what refers to `lease` finds the new one.)

CREATE TABLE job_spec (
  job INTEGER PRIMARY KEY REFERENCES job(id) ON DELETE CASCADE,
  spec TEXT NOT NULL                      -- the resolved job as JSON
) STRICT;
INSERT INTO job_spec (job, spec) SELECT id, spec FROM job;
ALTER TABLE job DROP COLUMN spec;
DROP INDEX job_leased;                    -- live leases have an index

-- A job waits until those it comes after are done.
CREATE TABLE job_after (
  job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
  after INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
  PRIMARY KEY (job, after)
) STRICT, WITHOUT ROWID;

CREATE TABLE lease_new (
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
INSERT INTO lease_new SELECT id, job, agent, attempt, fence, granted, deadline, hard_deadline,
  stage, ended, outcome FROM lease;
PRAGMA legacy_alter_table = ON;           -- views that name `lease` mean the new one
DROP TABLE lease;
ALTER TABLE lease_new RENAME TO lease;
PRAGMA legacy_alter_table = OFF;
CREATE UNIQUE INDEX lease_live ON lease (job) WHERE ended IS NULL;
CREATE INDEX lease_by_job ON lease (job, id);
