-- When each data file next has something to do by itself (a delivery, a hold that ends), so that the server need not open
-- ten thousand files to find the ten that are due.
CREATE TABLE data_file (
    tenant_id INTEGER NOT NULL REFERENCES tenant (id),
    mode      TEXT NOT NULL CHECK (mode IN ('live', 'test')),
    due_at    REAL,                             -- Unix seconds; 0 while the server writes to it; null: never
    changes   INTEGER NOT NULL DEFAULT 0,       -- how often others than the server have queued something in it
    attended  INTEGER NOT NULL DEFAULT 0,       -- how many of these the server has looked after
    PRIMARY KEY (tenant_id, mode)
) STRICT, WITHOUT ROWID;
CREATE INDEX data_file_due ON data_file (due_at) WHERE due_at IS NOT NULL;
