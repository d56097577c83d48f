-- How the packages stood on a target at the end of a night, by how much they are downloaded: the lines
-- of the overview.
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
CREATE INDEX trend_by_night ON trend (night);
-- Feeds of one package.
CREATE INDEX change_by_package ON change (package, id);
