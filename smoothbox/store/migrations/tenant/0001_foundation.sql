-- One business, in one mode. Schedule times are UTC seconds; created_at and its like are texts of clock.instant_text.
-- A column …_key holds the case-folded text that lists are sorted and searched by, also beyond ASCII.
CREATE TABLE schema_migration (
    number     INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    applied_at TEXT NOT NULL
) STRICT;

CREATE TABLE business (
    id                            INTEGER PRIMARY KEY CHECK (id = 1),
    name                          TEXT NOT NULL,
    description                   TEXT NOT NULL DEFAULT '',
    timezone                      TEXT NOT NULL,
    currency                      TEXT NOT NULL,
    phone                         TEXT NOT NULL DEFAULT '',
    email                         TEXT NOT NULL DEFAULT '',
    website                       TEXT NOT NULL DEFAULT '',
    address                       TEXT NOT NULL DEFAULT '',
    logo_url                      TEXT NOT NULL DEFAULT '',
    hours                         TEXT NOT NULL DEFAULT '[]',     -- JSON, as working_hours of the contract
    slot_interval                 INTEGER NOT NULL DEFAULT 30,    -- minutes
    min_notice                    INTEGER NOT NULL DEFAULT 0,     -- minutes
    max_advance_days              INTEGER NOT NULL DEFAULT 365,
    cancellation_window_hours     INTEGER NOT NULL DEFAULT 0,
    late_cancellation_fee_percent INTEGER NOT NULL DEFAULT 0,
    created_at                    TEXT NOT NULL,
    updated_at                    TEXT NOT NULL
) STRICT;

CREATE TABLE closure (
    date TEXT PRIMARY KEY,                    -- the whole local day of the business
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE resource (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    catalogue_key       TEXT UNIQUE,          -- its name in the catalogue file
    name                TEXT NOT NULL,
    name_key            TEXT NOT NULL,
    type                TEXT NOT NULL CHECK (type IN ('STAFF', 'ROOM', 'EQUIPMENT')),
    description         TEXT NOT NULL DEFAULT '',
    timezone            TEXT,                 -- null: the business's
    uses_business_hours INTEGER NOT NULL CHECK (uses_business_hours IN (0, 1)),
    hours               TEXT NOT NULL,        -- JSON; '[]' where it uses the business's
    display_order       INTEGER NOT NULL DEFAULT 0,
    is_active           INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    service_ids         TEXT NOT NULL DEFAULT '[]',   -- JSON, kept by triggers of service_resource
    created_at          TEXT NOT NULL,
    updated_at          TEXT NOT NULL
) STRICT;
CREATE INDEX resource_name ON resource (name_key);
CREATE INDEX resource_type ON resource (type);
CREATE INDEX resource_order ON resource (display_order);
CREATE INDEX resource_created ON resource (created_at);
CREATE INDEX resource_updated ON resource (updated_at);

CREATE TABLE hours_exception (
    resource_id INTEGER NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
    date        TEXT NOT NULL,                -- local date of the resource
    intervals   TEXT NOT NULL,                -- JSON, as the intervals of one day; '[]' closes it
    PRIMARY KEY (resource_id, date)
) STRICT, WITHOUT ROWID;

CREATE TABLE time_off (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    resource_id INTEGER NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
    start_at    INTEGER NOT NULL,
    end_at      INTEGER NOT NULL CHECK (end_at > start_at),
    reason      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX time_off_resource ON time_off (resource_id, end_at);

CREATE TABLE service (
    id                         INTEGER PRIMARY KEY AUTOINCREMENT,
    catalogue_key              TEXT UNIQUE,
    name                       TEXT NOT NULL,
    name_key                   TEXT NOT NULL,
    description                TEXT NOT NULL DEFAULT '',
    category                   TEXT NOT NULL DEFAULT '',
    duration                   INTEGER NOT NULL CHECK (duration > 0),        -- minutes, as all spans here
    price                      INTEGER CHECK (price >= 0),                   -- cents; null when variable
    price_key                  INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(price, -1)) VIRTUAL,
    variable_pricing           INTEGER NOT NULL CHECK (variable_pricing IN (0, 1)),
    deposit_amount             INTEGER NOT NULL DEFAULT 0,
    buffer_before              INTEGER NOT NULL DEFAULT 0 CHECK (buffer_before >= 0),
    buffer_after               INTEGER NOT NULL DEFAULT 0 CHECK (buffer_after >= 0),
    slot_interval              INTEGER,                                      -- null: the business's
    min_notice                 INTEGER,
    max_advance_days           INTEGER,
    capacity                   INTEGER NOT NULL DEFAULT 1,
    requires_manual_scheduling INTEGER NOT NULL DEFAULT 0 CHECK (requires_manual_scheduling IN (0, 1)),
    requires_confirmation      INTEGER NOT NULL DEFAULT 0 CHECK (requires_confirmation IN (0, 1)),
    display_order              INTEGER NOT NULL DEFAULT 0,
    is_active                  INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    metadata                   TEXT NOT NULL DEFAULT '{}',
    resource_ids               TEXT NOT NULL DEFAULT '[]',                   -- JSON, kept by triggers of service_resource
    created_at                 TEXT NOT NULL,
    updated_at                 TEXT NOT NULL
) STRICT;
CREATE INDEX service_name ON service (name_key);
CREATE INDEX service_price ON service (price_key);
CREATE INDEX service_duration ON service (duration);
CREATE INDEX service_order ON service (display_order);
CREATE INDEX service_created ON service (created_at);
CREATE INDEX service_updated ON service (updated_at);

CREATE TABLE service_resource (
    service_id  INTEGER NOT NULL REFERENCES service (id) ON DELETE CASCADE,
    resource_id INTEGER NOT NULL REFERENCES resource (id) ON DELETE CASCADE,
    PRIMARY KEY (service_id, resource_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_resource_back ON service_resource (resource_id, service_id);

-- Both sides carry the list of the other, so that reading fifty of them is reading fifty rows.
CREATE TRIGGER service_resource_added AFTER INSERT ON service_resource
BEGIN
    UPDATE service SET resource_ids = '[' || coalesce((SELECT group_concat(resource_id)
        FROM (SELECT resource_id FROM service_resource WHERE service_id = NEW.service_id ORDER BY 1)), '') || ']'
    WHERE id = NEW.service_id;
    UPDATE resource SET service_ids = '[' || coalesce((SELECT group_concat(service_id)
        FROM (SELECT service_id FROM service_resource WHERE resource_id = NEW.resource_id ORDER BY 1)), '') || ']'
    WHERE id = NEW.resource_id;
END;

CREATE TRIGGER service_resource_removed AFTER DELETE ON service_resource
BEGIN
    UPDATE service SET resource_ids = '[' || coalesce((SELECT group_concat(resource_id)
        FROM (SELECT resource_id FROM service_resource WHERE service_id = OLD.service_id ORDER BY 1)), '') || ']'
    WHERE id = OLD.service_id;
    UPDATE resource SET service_ids = '[' || coalesce((SELECT group_concat(service_id)
        FROM (SELECT service_id FROM service_resource WHERE resource_id = OLD.resource_id ORDER BY 1)), '') || ']'
    WHERE id = OLD.resource_id;
END;

CREATE TABLE customer (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    version        INTEGER NOT NULL DEFAULT 1,
    first_name     TEXT NOT NULL,
    first_name_key TEXT NOT NULL,
    last_name      TEXT NOT NULL,
    last_name_key  TEXT NOT NULL,
    email          TEXT NOT NULL,
    email_key      TEXT NOT NULL,             -- '' where there is none
    phone          TEXT NOT NULL,
    phone_key      TEXT NOT NULL,             -- E.164 where it parses, else its digits
    search_key     TEXT NOT NULL,             -- names, e-mail and phone in one
    notes          TEXT NOT NULL,
    tags           TEXT NOT NULL,             -- JSON list
    status         TEXT NOT NULL CHECK (status IN ('ACTIVE', 'BLOCKED')),
    external_id    TEXT,
    address        TEXT NOT NULL,
    metadata       TEXT NOT NULL,             -- JSON object
    created_at     TEXT NOT NULL,
    updated_at     TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX customer_email_once ON customer (email_key) WHERE email_key <> '';
CREATE INDEX customer_email ON customer (email_key);
CREATE INDEX customer_phone ON customer (phone_key) WHERE phone_key <> '';
CREATE INDEX customer_last_name ON customer (last_name_key);
CREATE INDEX customer_first_name ON customer (first_name_key);
CREATE INDEX customer_external ON customer (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX customer_created ON customer (created_at);
CREATE INDEX customer_updated ON customer (updated_at);

-- Price, duration, buffers and names are frozen when the booking is made.
CREATE TABLE booking (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    version             INTEGER NOT NULL DEFAULT 1,
    status              TEXT NOT NULL
                        CHECK (status IN ('PENDING', 'SCHEDULED', 'CONFIRMED', 'COMPLETED', 'CANCELLED', 'NO_SHOW')),
    service_id          INTEGER NOT NULL REFERENCES service (id),
    service_name        TEXT NOT NULL,
    resource_id         INTEGER REFERENCES resource (id),
    resource_ids        TEXT NOT NULL DEFAULT '[]',   -- JSON: what its allocations occupy
    resource_name       TEXT NOT NULL,
    customer_id         INTEGER NOT NULL REFERENCES customer (id),
    customer_name       TEXT NOT NULL,
    search_key          TEXT NOT NULL,
    start_at            INTEGER NOT NULL,
    end_at              INTEGER NOT NULL,
    duration            INTEGER NOT NULL,
    buffer_before       INTEGER NOT NULL,
    buffer_after        INTEGER NOT NULL,
    price               INTEGER,
    party_size          INTEGER NOT NULL CHECK (party_size > 0),
    notes               TEXT NOT NULL,
    internal_notes      TEXT NOT NULL,
    source              TEXT NOT NULL,
    external_id         TEXT,
    metadata            TEXT NOT NULL,
    previous_start_at   INTEGER,
    cancelled_at        TEXT,
    cancellation_reason TEXT NOT NULL DEFAULT '',
    cancelled_by        TEXT,
    late_cancellation   INTEGER NOT NULL DEFAULT 0 CHECK (late_cancellation IN (0, 1)),
    created_at          TEXT NOT NULL,
    updated_at          TEXT NOT NULL,
    CHECK (end_at > start_at)
) STRICT;
CREATE INDEX booking_start ON booking (start_at);
CREATE INDEX booking_end ON booking (end_at);
CREATE INDEX booking_created ON booking (created_at);
CREATE INDEX booking_updated ON booking (updated_at);
CREATE INDEX booking_customer ON booking (customer_id, start_at, status, price);
CREATE INDEX booking_service ON booking (service_id, start_at);
CREATE INDEX booking_resource ON booking (resource_id, start_at);
CREATE INDEX booking_external ON booking (external_id) WHERE external_id IS NOT NULL;

-- The time that a booking takes of a resource, buffers included. Active ones of a resource never overlap.
CREATE TABLE allocation (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    booking_id  INTEGER NOT NULL REFERENCES booking (id) ON DELETE CASCADE,
    resource_id INTEGER NOT NULL REFERENCES resource (id),
    busy_start  INTEGER NOT NULL,
    busy_end    INTEGER NOT NULL,
    active      INTEGER NOT NULL CHECK (active IN (0, 1)),
    CHECK (busy_end > busy_start)
) STRICT;
CREATE INDEX allocation_busy ON allocation (resource_id, busy_start) WHERE active = 1;
CREATE INDEX allocation_booking ON allocation (booking_id);

-- Because active ranges never overlap, only the one with the greatest start below the new end can collide:
-- one step down an index, at any size.
CREATE TRIGGER allocation_no_overlap_insert BEFORE INSERT ON allocation WHEN NEW.active = 1
BEGIN
    SELECT RAISE(ABORT, 'slot_unavailable') WHERE NEW.busy_start < (
        SELECT busy_end FROM allocation INDEXED BY allocation_busy
        WHERE active = 1 AND resource_id = NEW.resource_id AND busy_start < NEW.busy_end
        ORDER BY busy_start DESC LIMIT 1);
END;

CREATE TRIGGER allocation_no_overlap_update BEFORE UPDATE ON allocation WHEN NEW.active = 1
BEGIN
    SELECT RAISE(ABORT, 'slot_unavailable') WHERE NEW.busy_start < (
        SELECT busy_end FROM allocation INDEXED BY allocation_busy
        WHERE active = 1 AND resource_id = NEW.resource_id AND busy_start < NEW.busy_end AND id <> OLD.id
        ORDER BY busy_start DESC LIMIT 1);
END;
