-- Which rules gave a failed result its reason (git object id of recipes/reasons.yaml); null where the
-- agent said it itself, and for what was judged before this was kept.
ALTER TABLE result ADD COLUMN rules TEXT;
