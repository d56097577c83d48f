-- What an agent said of its stages and imports is told once, in the body of its result: nine rows of a
-- table beside it were more than half of what a result cost to write. Results of before whose body does
-- not tell them get them from their rows.
UPDATE result SET body = json_set(CASE WHEN json_valid(body) THEN body ELSE '{}' END, '$.stages',
  (SELECT json_group_array(json_object('stage', stage, 'status', status, 'wall_s', wall_s,
      'cpu_s', cpu_s, 'peak_memory', peak_memory, 'io_read', io_read, 'io_write', io_write,
      'log_from', log_from, 'log_to', log_to, 'limits', limits))
    FROM (SELECT * FROM result_stage s WHERE s.result = result.id ORDER BY s.position)))
WHERE NOT json_valid(body) OR coalesce(json_array_length(body, '$.stages'), 0) <>
  (SELECT count(*) FROM result_stage s WHERE s.result = result.id);
UPDATE result SET body = json_set(body, '$.imports',
  (SELECT json_group_array(json_object('module', module, 'ok', json(iif(ok, 'true', 'false')),
      'native', json(iif(native, 'true', 'false')), 'error', error))
    FROM (SELECT * FROM import_result i WHERE i.result = result.id ORDER BY i.position)))
WHERE coalesce(json_array_length(body, '$.imports'), 0) <>
  (SELECT count(*) FROM import_result i WHERE i.result = result.id);
DROP TABLE result_stage;
DROP TABLE import_result;

CREATE VIEW result_stage AS
SELECT r.id AS result, s.key AS position, s.value ->> '$.stage' AS stage,
  s.value ->> '$.status' AS status, coalesce(s.value ->> '$.wall_s', 0.0) AS wall_s,
  coalesce(s.value ->> '$.cpu_s', 0.0) AS cpu_s, coalesce(s.value ->> '$.peak_memory', 0) AS peak_memory,
  coalesce(s.value ->> '$.log_from', 0) AS log_from, coalesce(s.value ->> '$.log_to', 0) AS log_to,
  coalesce(s.value ->> '$.io_read', 0) AS io_read, coalesce(s.value ->> '$.io_write', 0) AS io_write,
  coalesce(s.value ->> '$.limits', '') AS limits
FROM result r, json_each(r.body, '$.stages') s;

CREATE VIEW import_result AS
SELECT r.id AS result, i.key AS position, i.value ->> '$.module' AS module, i.value ->> '$.ok' AS ok,
  coalesce(i.value ->> '$.native', 0) AS native, i.value ->> '$.error' AS error
FROM result r, json_each(r.body, '$.imports') i;
