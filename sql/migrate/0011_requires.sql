-- What distributions require: most of them say what many others say, so texts are kept once.
CREATE TABLE requires (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,            -- of the text
  text TEXT NOT NULL                      -- lines of coordinator/solve/requires_text.h
) STRICT;
CREATE TABLE file_requires (
  key BLOB PRIMARY KEY,                   -- SHA-256 of the metadata if the index tells it, else of the file
  requires INTEGER NOT NULL REFERENCES requires(id)
) STRICT, WITHOUT ROWID;
