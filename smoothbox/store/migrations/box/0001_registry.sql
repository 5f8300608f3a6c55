-- The registry of the box: who lives here and which tokens open whose door. Never a secret in clear.
CREATE TABLE schema_migration (
    number     INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    applied_at TEXT NOT NULL
) STRICT;

-- A deleted tenant leaves its row: neither its id nor its folder is ever used again, because a server that still
-- holds the old files open removes "its" write-ahead log by path when it closes them.
CREATE TABLE tenant (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    slug       TEXT NOT NULL,
    name       TEXT NOT NULL,
    folder     TEXT NOT NULL UNIQUE,
    status     TEXT NOT NULL CHECK (status IN ('ACTIVE', 'DISABLED', 'DELETED')),
    created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX tenant_slug ON tenant (slug) WHERE status <> 'DELETED';

CREATE TABLE token (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id    INTEGER NOT NULL REFERENCES tenant (id),
    name         TEXT NOT NULL,
    mode         TEXT NOT NULL CHECK (mode IN ('live', 'test')),
    scopes       TEXT NOT NULL,              -- a JSON list, sorted
    hash         BLOB NOT NULL UNIQUE,       -- SHA-256 of the token
    last_four    TEXT NOT NULL,
    lineage      INTEGER NOT NULL,           -- id of the token that this one descends from by rotation: they share a bucket
    hourly       INTEGER,                    -- limits of its own, else the box's
    burst        INTEGER,
    expires_at   TEXT,
    revoked_at   TEXT,
    last_used_at TEXT,
    created_at   TEXT NOT NULL
) STRICT;
CREATE INDEX token_tenant ON token (tenant_id);
