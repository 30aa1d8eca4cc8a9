-- What the officer saw when acknowledging: a worse alert, or a drill that became real, is no longer covered by it.
-- Null in rows of before, which then cover whatever came after, as they did when they were written.
alter table ops.acknowledgement
    add column seen_severity text,
    add column seen_drill    bool;
