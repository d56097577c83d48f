-- What administrators did, and what was refused to those who are none. Rows are only added; old ones go
-- by retention.
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,                      -- "local", or the address that the request came from
  action TEXT NOT NULL,                   -- agent_add, agent_revoke, …
  subject TEXT,                           -- the agent's name
  outcome TEXT                            -- ok, or why not; null: asked, and the end is not known
) STRICT;
