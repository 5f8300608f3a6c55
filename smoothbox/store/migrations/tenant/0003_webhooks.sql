-- Events, who is told of them, and how that went. Instants that the program compares are Unix seconds; those that people
-- read are texts of clock.instant_text.

-- The feed. A sequence is never used twice; a rolled-back transaction leaves no gap in it.
CREATE TABLE event (
    sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL,                 -- evt_…
    type       TEXT NOT NULL,
    body       TEXT NOT NULL,                 -- the envelope as every attempt sends it, to the byte
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX event_created ON event (created_at);

-- A subscription. Secrets, keys and headers are sealed with the box's keyring for the row that they stand in.
CREATE TABLE endpoint (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    version         INTEGER NOT NULL DEFAULT 1,
    url             TEXT NOT NULL,
    events          TEXT NOT NULL,            -- a JSON list: names, 'booking.*', or '*'
    description     TEXT NOT NULL,
    is_active       INTEGER NOT NULL CHECK (is_active IN (0, 1)),
    disabled_reason TEXT CHECK (disabled_reason IN ('gone', 'failing', 'unreadable_secret')),
    secret          BLOB NOT NULL,
    old_secrets     BLOB,                     -- those that still sign beside it, with their ends
    signing_key     BLOB,                     -- Ed25519
    public_key      TEXT,                     -- its other half, whpk_…
    headers         BLOB,
    header_names    TEXT NOT NULL,            -- a JSON list
    failures        INTEGER NOT NULL DEFAULT 0,   -- failed attempts since the last success
    failing_since   REAL,                     -- the first of them
    strikes         INTEGER NOT NULL DEFAULT 0,   -- failures in a row as the breaker counts them
    paused_until    REAL NOT NULL DEFAULT 0,
    last_success_at TEXT,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL
) STRICT;
CREATE INDEX endpoint_created ON endpoint (created_at);

-- Endpoints that were removed and whose deliveries are still to be, a few at a time.
CREATE TABLE endpoint_removed (
    id INTEGER PRIMARY KEY
) STRICT;

-- What one endpoint is told of one event. It may outlive its endpoint for a while.
CREATE TABLE delivery (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint_id INTEGER NOT NULL,
    sequence    INTEGER NOT NULL REFERENCES event (sequence) ON DELETE CASCADE,
    event_id    TEXT NOT NULL,
    type        TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('pending', 'sending', 'succeeded', 'failed')),
    trigger     TEXT NOT NULL CHECK (trigger IN ('auto', 'manual', 'ping', 'recover')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    used        INTEGER NOT NULL DEFAULT 0,   -- how many of the scheduled attempts; past their end there is only the next
    due_at      REAL NOT NULL DEFAULT 0,      -- 0: at once, in the order of ids; -1: before those
    started_at  TEXT,                         -- of the attempt that is under way
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL
) STRICT;
CREATE INDEX delivery_due ON delivery (endpoint_id, due_at, id) WHERE status = 'pending';
CREATE INDEX delivery_sending ON delivery (endpoint_id) WHERE status = 'sending';
CREATE INDEX delivery_failed ON delivery (endpoint_id, updated_at) WHERE status = 'failed';
CREATE INDEX delivery_endpoint ON delivery (endpoint_id, sequence);
CREATE INDEX delivery_endpoint_created ON delivery (endpoint_id, created_at);
CREATE INDEX delivery_sequence ON delivery (sequence);

CREATE TABLE attempt (
    delivery_id   INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    trigger       TEXT NOT NULL,
    started_at    TEXT NOT NULL,
    duration_ms   INTEGER NOT NULL,
    status_code   INTEGER,
    error         TEXT,
    response_body TEXT NOT NULL,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

-- An answer that carries a secret is kept sealed.
ALTER TABLE idempotency ADD COLUMN is_sealed INTEGER NOT NULL DEFAULT 0 CHECK (is_sealed IN (0, 1));
