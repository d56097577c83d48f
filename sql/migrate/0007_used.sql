-- What a stage took of the disk, which limits were really in force, and one hash of all that made a
-- result. Results of before say nothing of it.
ALTER TABLE result_stage ADD COLUMN io_read INTEGER NOT NULL DEFAULT 0;  -- bytes from storage
ALTER TABLE result_stage ADD COLUMN io_write INTEGER NOT NULL DEFAULT 0;
ALTER TABLE result_stage ADD COLUMN limits TEXT NOT NULL DEFAULT '';
ALTER TABLE result ADD COLUMN toolchain_sha256 TEXT;
