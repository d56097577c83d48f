-- Whether a package and all it needs can be had where the wheels count, too, that this farm made and found
-- clean: one letter a target at its id's place, as `dependencies`; '.' where that says it already.
ALTER TABLE package ADD COLUMN with_built TEXT NOT NULL DEFAULT '';
CREATE INDEX package_with_built ON package (id) WHERE with_built <> '';

-- That such a wheel came or is gone is new of its package.
CREATE TRIGGER due_built AFTER INSERT ON artefact
WHEN new.kind = 'wheel' AND new.inspect ->> '$.ok' BEGIN
  DELETE FROM dependency_due WHERE package IN
    (SELECT j.package FROM result r JOIN job j ON j.id = r.job WHERE r.id = new.result AND j.kind = 'build');
  INSERT INTO dependency_due (package)
    SELECT j.package FROM result r JOIN job j ON j.id = r.job WHERE r.id = new.result AND j.kind = 'build';
END;
CREATE TRIGGER due_withdrawn AFTER UPDATE OF final ON result WHEN old.final <> new.final BEGIN
  DELETE FROM dependency_due WHERE package IN
    (SELECT package FROM job WHERE id = new.job AND kind = 'build');
  INSERT INTO dependency_due (package) SELECT package FROM job WHERE id = new.job AND kind = 'build';
END;
CREATE TRIGGER due_superseded AFTER UPDATE OF state ON job
WHEN new.kind = 'build' AND (old.state = 'superseded') <> (new.state = 'superseded') BEGIN
  DELETE FROM dependency_due WHERE package = new.package;
  INSERT INTO dependency_due (package) VALUES (new.package);
END;
INSERT OR REPLACE INTO dependency_due (package) SELECT DISTINCT j.package FROM artefact a
  JOIN result r ON r.id = a.result JOIN job j ON j.id = r.job
  WHERE a.kind = 'wheel' AND a.inspect ->> '$.ok' AND r.final AND j.kind = 'build';
