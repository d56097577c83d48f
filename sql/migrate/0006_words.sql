-- How many packages, and their downloads, stand alike on all targets: the overview and the counts of the
-- package table need not read every package. There are some hundred ways to stand.
CREATE TABLE words_total (
  words TEXT PRIMARY KEY,
  packages INTEGER NOT NULL,
  downloads INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO words_total
  SELECT words, count(*), coalesce(sum(downloads), 0) FROM package GROUP BY words;
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
