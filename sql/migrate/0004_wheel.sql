-- What the bytes of published wheels say: one row a file, for however many targets it is.
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
CREATE INDEX wheel_broken ON wheel (sha256) WHERE broken IS NOT NULL;
CREATE INDEX wheel_by_columns ON wheel (columns);
