-- name: change_add
INSERT INTO change (at, package, targets, was, became, was_version, version)
VALUES (?, ?, ?, ?, ?, ?, ?)

-- name: change_between
SELECT c.package, p.name, c.at, c.targets, c.was, c.became, c.was_version, c.version
FROM change c JOIN package p ON p.id = c.package
WHERE c.id > ? AND c.id <= ?
ORDER BY c.id

-- name: change_newest
SELECT c.at, p.name, c.targets, c.was, c.became, c.version
FROM change c JOIN package p ON p.id = c.package
ORDER BY c.id DESC

-- name: change_newest_of_package
SELECT c.at, p.name, c.targets, c.was, c.became, c.version
FROM change c JOIN package p ON p.id = c.package
WHERE c.package = ? ORDER BY c.id DESC
