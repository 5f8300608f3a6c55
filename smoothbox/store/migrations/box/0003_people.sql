-- Who may open the console of a business, and where they are logged in. No password and no secret in clear.
CREATE TABLE person (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id  INTEGER NOT NULL REFERENCES tenant (id),
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL UNIQUE,       -- the name without case: nobody remembers how they wrote it
    password   TEXT,                       -- Argon2id in the PHC form; null: by link only
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX person_tenant ON person (tenant_id);

CREATE TABLE login_link (
    hash       BLOB PRIMARY KEY,           -- SHA-256; a link that was used is gone
    person_id  INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    hash       BLOB PRIMARY KEY,           -- SHA-256 of what the cookie carries
    person_id  INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_person ON session (person_id);
