-- Another number once another connection has written; what is kept of the database goes by it.
-- name: data_version
PRAGMA data_version
