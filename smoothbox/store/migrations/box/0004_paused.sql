-- A tenant that is being moved takes nothing until it is resumed, here or on another box.
ALTER TABLE tenant ADD COLUMN paused_at TEXT;
