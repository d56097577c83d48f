-- Which canary passed on which agent with what it is made of: who has a proof gets jobs at once.
CREATE TABLE proof (
  key TEXT PRIMARY KEY,                   -- hash of canary, agent, and what the agent is made of
  agent TEXT NOT NULL,                    -- its name
  target TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE agent ADD COLUMN why TEXT;    -- it is in quarantine
ALTER TABLE agent ADD COLUMN proved INTEGER; -- when its last canary passed
ALTER TABLE agent ADD COLUMN fooled INTEGER NOT NULL DEFAULT 0; -- 1: only an operator ends its quarantine
