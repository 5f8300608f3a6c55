-- Sessions, several resources at once, holds, requests without a time, series, and answers that can be repeated.

ALTER TABLE business ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE business ADD COLUMN late_cancellation_allowed INTEGER NOT NULL DEFAULT 1 CHECK (late_cancellation_allowed IN (0, 1));
ALTER TABLE resource ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE service ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE service ADD COLUMN resource_groups TEXT NOT NULL DEFAULT '[]';   -- JSON, kept by triggers of service_resource

-- What a catalogue file named is that file's; what came by the API stays when the file is applied again.
ALTER TABLE closure ADD COLUMN from_file INTEGER NOT NULL DEFAULT 1 CHECK (from_file IN (0, 1));
ALTER TABLE hours_exception ADD COLUMN from_file INTEGER NOT NULL DEFAULT 1 CHECK (from_file IN (0, 1));
ALTER TABLE time_off ADD COLUMN from_file INTEGER NOT NULL DEFAULT 1 CHECK (from_file IN (0, 1));

-- A booking takes one resource of each group; a resource may stand in several groups.
CREATE TABLE service_group (
    service_id   INTEGER NOT NULL REFERENCES service (id) ON DELETE CASCADE,
    group_number INTEGER NOT NULL CHECK (group_number >= 0),                 -- the grid is that of group 0
    resource_id  INTEGER NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
    PRIMARY KEY (service_id, group_number, resource_id)
) STRICT, WITHOUT ROWID;
INSERT INTO service_group (service_id, group_number, resource_id) SELECT service_id, 0, resource_id FROM service_resource;
UPDATE service SET resource_groups = '[' || resource_ids || ']' WHERE resource_ids <> '[]';
DROP TABLE service_resource;
ALTER TABLE service_group RENAME TO service_resource;
CREATE INDEX service_resource_back ON service_resource (resource_id, service_id);

CREATE TRIGGER service_resource_added AFTER INSERT ON service_resource
BEGIN
    UPDATE service SET
        resource_ids = '[' || (SELECT group_concat(resource_id)
            FROM (SELECT DISTINCT resource_id FROM service_resource WHERE service_id = NEW.service_id ORDER BY 1)) || ']',
        resource_groups = '[' || (SELECT group_concat('[' || members || ']')
            FROM (SELECT group_concat(resource_id) AS members
                FROM (SELECT group_number, resource_id FROM service_resource WHERE service_id = NEW.service_id ORDER BY 1, 2)
                GROUP BY group_number ORDER BY group_number)) || ']'
    WHERE id = NEW.service_id;
    UPDATE resource SET service_ids = '[' || (SELECT group_concat(service_id)
        FROM (SELECT DISTINCT service_id FROM service_resource WHERE resource_id = NEW.resource_id ORDER BY 1)) || ']'
    WHERE id = NEW.resource_id;
END;

CREATE TRIGGER service_resource_removed AFTER DELETE ON service_resource
BEGIN
    UPDATE service SET
        resource_ids = '[' || coalesce((SELECT group_concat(resource_id)
            FROM (SELECT DISTINCT resource_id FROM service_resource WHERE service_id = OLD.service_id ORDER BY 1)), '') || ']',
        resource_groups = '[' || coalesce((SELECT group_concat('[' || members || ']')
            FROM (SELECT group_concat(resource_id) AS members
                FROM (SELECT group_number, resource_id FROM service_resource WHERE service_id = OLD.service_id ORDER BY 1, 2)
                GROUP BY group_number ORDER BY group_number)), '') || ']'
    WHERE id = OLD.service_id;
    UPDATE resource SET service_ids = '[' || coalesce((SELECT group_concat(service_id)
        FROM (SELECT DISTINCT service_id FROM service_resource WHERE resource_id = OLD.resource_id ORDER BY 1)), '') || ']'
    WHERE id = OLD.resource_id;
END;

-- Bookings that were made together, by one rule of recurrence.
CREATE TABLE series (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    recurrence TEXT NOT NULL,                 -- as it was sent
    created_at TEXT NOT NULL
) STRICT;

-- A place kept for somebody who has not decided yet; gone by itself at expires_at.
CREATE TABLE hold (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    owner         INTEGER NOT NULL,           -- lineage of the token that made it
    service_id    INTEGER NOT NULL REFERENCES service (id),
    resource_ids  TEXT NOT NULL,              -- JSON: what its allocations occupy, that of group 0 first
    start_at      INTEGER NOT NULL,
    end_at        INTEGER NOT NULL CHECK (end_at > start_at),
    buffer_before INTEGER NOT NULL,           -- minutes, as on the booking
    buffer_after  INTEGER NOT NULL,
    capacity      INTEGER NOT NULL,
    price         INTEGER,
    party_size    INTEGER NOT NULL CHECK (party_size > 0),
    expires_at    INTEGER NOT NULL,
    created_at    TEXT NOT NULL
) STRICT;
CREATE INDEX hold_expiry ON hold (expires_at);

-- A request for a service that is scheduled by hand has no time yet: then start_at and end_at are null. Lists sort by the
-- keys, where such a request comes after every time there is.
CREATE TABLE booking_2 (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    version             INTEGER NOT NULL DEFAULT 1,
    status              TEXT NOT NULL
                        CHECK (status IN ('PENDING', 'SCHEDULED', 'CONFIRMED', 'COMPLETED', 'CANCELLED', 'NO_SHOW')),
    service_id          INTEGER NOT NULL REFERENCES service (id),
    service_name        TEXT NOT NULL,
    resource_id         INTEGER REFERENCES resource (id),
    resource_ids        TEXT NOT NULL DEFAULT '[]',   -- JSON: what its allocations occupy, that of group 0 first
    resource_name       TEXT NOT NULL,
    customer_id         INTEGER NOT NULL REFERENCES customer (id),
    customer_name       TEXT NOT NULL,
    search_key          TEXT NOT NULL,
    start_at            INTEGER,
    end_at              INTEGER,
    start_key           INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(start_at, 253402300800)) VIRTUAL,
    end_key             INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(end_at, 253402300800)) VIRTUAL,
    duration            INTEGER NOT NULL,
    buffer_before       INTEGER NOT NULL,
    buffer_after        INTEGER NOT NULL,
    capacity            INTEGER NOT NULL,
    price               INTEGER,
    party_size          INTEGER NOT NULL CHECK (party_size > 0),
    notes               TEXT NOT NULL,
    internal_notes      TEXT NOT NULL,
    source              TEXT NOT NULL,
    external_id         TEXT,
    metadata            TEXT NOT NULL,
    series_id           INTEGER REFERENCES series (id),
    previous_start_at   INTEGER,
    cancelled_at        TEXT,
    cancellation_reason TEXT NOT NULL DEFAULT '',
    cancelled_by        TEXT,
    late_cancellation   INTEGER NOT NULL DEFAULT 0 CHECK (late_cancellation IN (0, 1)),
    created_at          TEXT NOT NULL,
    updated_at          TEXT NOT NULL,
    CHECK (end_at > start_at),
    CHECK ((start_at IS NULL) = (end_at IS NULL)),
    CHECK (start_at IS NOT NULL OR status IN ('PENDING', 'CANCELLED'))
) STRICT;
-- A booking had its resource for itself until now: its session is full.
INSERT INTO booking_2 (
    id, version, status, service_id, service_name, resource_id, resource_ids, resource_name, customer_id, customer_name,
    search_key, start_at, end_at, duration, buffer_before, buffer_after, capacity, price, party_size, notes, internal_notes,
    source, external_id, metadata, previous_start_at, cancelled_at, cancellation_reason, cancelled_by, late_cancellation,
    created_at, updated_at)
SELECT
    id, version, status, service_id, service_name, resource_id, resource_ids, resource_name, customer_id, customer_name,
    search_key, start_at, end_at, duration, buffer_before, buffer_after, party_size, price, party_size, notes, internal_notes,
    source, external_id, metadata, previous_start_at, cancelled_at, cancellation_reason, cancelled_by, late_cancellation,
    created_at, updated_at
FROM booking;

-- The time that a booking or a hold takes of one resource. [busy_start, busy_end) is the appointment with its buffers.
-- Rows of one service with the same times share a session, up to its capacity; other active ranges never overlap.
CREATE TABLE allocation_2 (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    booking_id  INTEGER REFERENCES booking_2 (id) ON DELETE CASCADE,
    hold_id     INTEGER REFERENCES hold (id) ON DELETE CASCADE,
    resource_id INTEGER NOT NULL REFERENCES resource (id),
    service_id  INTEGER NOT NULL,             -- that of the booking or the hold, which refer to it
    start_at    INTEGER NOT NULL,
    end_at      INTEGER NOT NULL,
    busy_start  INTEGER NOT NULL,
    busy_end    INTEGER NOT NULL,
    seats       INTEGER NOT NULL CHECK (seats > 0),
    capacity    INTEGER NOT NULL,
    active      INTEGER NOT NULL CHECK (active IN (0, 1)),
    CHECK (busy_end > busy_start),
    CHECK ((booking_id IS NULL) <> (hold_id IS NULL)),
    CHECK (seats <= capacity)
) STRICT;
INSERT INTO allocation_2 (
    id, booking_id, resource_id, service_id, start_at, end_at, busy_start, busy_end, seats, capacity, active)
SELECT
    allocation.id, booking_id, allocation.resource_id, service_id, start_at, end_at, busy_start, busy_end, party_size, party_size, active
FROM allocation JOIN booking ON booking.id = booking_id;

DELETE FROM sqlite_sequence WHERE name IN ('booking_2', 'allocation_2');
INSERT INTO sqlite_sequence (name, seq) SELECT name || '_2', seq FROM sqlite_sequence WHERE name IN ('booking', 'allocation');
DROP TABLE allocation;
DROP TABLE booking;
ALTER TABLE booking_2 RENAME TO booking;
ALTER TABLE allocation_2 RENAME TO allocation;

CREATE INDEX booking_start ON booking (start_key);
CREATE INDEX booking_end ON booking (end_key);
CREATE INDEX booking_created ON booking (created_at);
CREATE INDEX booking_updated ON booking (updated_at);
CREATE INDEX booking_customer ON booking (customer_id, start_key, status, price);
CREATE INDEX booking_service ON booking (service_id, start_key);
CREATE INDEX booking_resource ON booking (resource_id, start_key);
CREATE INDEX booking_external ON booking (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX booking_series ON booking (series_id, start_key) WHERE series_id IS NOT NULL;
CREATE INDEX allocation_busy ON allocation (resource_id, active, busy_start);
CREATE INDEX allocation_booking ON allocation (booking_id, resource_id) WHERE booking_id IS NOT NULL;
CREATE INDEX allocation_hold ON allocation (hold_id) WHERE hold_id IS NOT NULL;

-- Because active ranges of a resource are either the same session or apart, only the one with the greatest start below the
-- new end can collide: one step down an index, at any size. Only who joins a session walks over those who are in it.
CREATE TRIGGER allocation_no_overlap_insert BEFORE INSERT ON allocation WHEN NEW.active = 1
BEGIN
    SELECT CASE
        WHEN found.busy_end <= NEW.busy_start THEN NULL
        WHEN found.service_id <> NEW.service_id OR found.start_at <> NEW.start_at OR found.end_at <> NEW.end_at
            OR found.busy_start <> NEW.busy_start OR found.busy_end <> NEW.busy_end OR found.capacity <> NEW.capacity
            THEN RAISE(ABORT, 'slot_unavailable')
        WHEN NEW.capacity < NEW.seats + (SELECT sum(seats) FROM allocation INDEXED BY allocation_busy
            WHERE active = 1 AND resource_id = NEW.resource_id AND busy_start = NEW.busy_start)
            THEN RAISE(ABORT, 'slot_unavailable')
    END FROM (SELECT * FROM allocation INDEXED BY allocation_busy
        WHERE active = 1 AND resource_id = NEW.resource_id AND busy_start < NEW.busy_end
        ORDER BY busy_start DESC LIMIT 1) AS found;
END;

CREATE TRIGGER allocation_no_overlap_update BEFORE UPDATE ON allocation WHEN NEW.active = 1
BEGIN
    SELECT CASE
        WHEN found.busy_end <= NEW.busy_start THEN NULL
        WHEN found.service_id <> NEW.service_id OR found.start_at <> NEW.start_at OR found.end_at <> NEW.end_at
            OR found.busy_start <> NEW.busy_start OR found.busy_end <> NEW.busy_end OR found.capacity <> NEW.capacity
            THEN RAISE(ABORT, 'slot_unavailable')
        WHEN NEW.capacity < NEW.seats + (SELECT sum(seats) FROM allocation INDEXED BY allocation_busy
            WHERE active = 1 AND resource_id = NEW.resource_id AND busy_start = NEW.busy_start AND id <> OLD.id)
            THEN RAISE(ABORT, 'slot_unavailable')
    END FROM (SELECT * FROM allocation INDEXED BY allocation_busy
        WHERE active = 1 AND resource_id = NEW.resource_id AND busy_start < NEW.busy_end AND id <> OLD.id
        ORDER BY busy_start DESC LIMIT 1) AS found;
END;

-- The answer to a request that carried an Idempotency-Key, written in the transaction of its effect.
CREATE TABLE idempotency (
    owner       INTEGER NOT NULL,             -- lineage of the token
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL,                -- of method, path, query and body
    status      INTEGER NOT NULL,
    headers     TEXT NOT NULL,                -- JSON object
    body        BLOB NOT NULL,
    created_at  INTEGER NOT NULL,             -- UTC seconds
    PRIMARY KEY (owner, key)
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at);
