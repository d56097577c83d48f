-- What is kept, and for how long. A log's text has its digest in log_sha256; log_blob names the blob that
-- has it: packed in frames (core/io/frames.h), or, if it is the same name, as it came. Null: it is gone.
ALTER TABLE result ADD COLUMN log_blob TEXT;
UPDATE result SET log_blob = log_sha256;
CREATE INDEX result_log_blob ON result (log_blob) WHERE log_blob IS NOT NULL;
ALTER TABLE artefact ADD COLUMN kept INTEGER NOT NULL DEFAULT 1; -- 0: its bytes are gone
CREATE INDEX artefact_sha256 ON artefact (sha256);

-- Blobs that a job begins with: patches, and a source that is no file of the index.
CREATE TABLE job_blob (
  job INTEGER NOT NULL REFERENCES job(id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (job, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_blob_sha256 ON job_blob (sha256);
INSERT OR IGNORE INTO job_blob
  SELECT s.job, p.value ->> '$.sha256'
  FROM job_spec s,
    json_each(CASE WHEN json_valid(s.spec) THEN s.spec ELSE '{}' END, '$.recipe.patches') p
  WHERE p.value ->> '$.sha256' IS NOT NULL;
INSERT OR IGNORE INTO job_blob
  SELECT job, spec ->> '$.source.sha256' FROM job_spec
  WHERE json_valid(spec) AND spec ->> '$.source.url' IS NULL AND spec ->> '$.source.sha256' IS NOT NULL;
