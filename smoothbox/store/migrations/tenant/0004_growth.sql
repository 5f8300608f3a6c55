-- What lists need to be as quick with a million bookings as with ten thousand.

-- Every list of bookings tells exactly how many there are: to count a million takes long, to add some numbers up does not.
CREATE TABLE booking_tally (
    service_id INTEGER NOT NULL,
    status     TEXT NOT NULL,
    number     INTEGER NOT NULL,
    PRIMARY KEY (service_id, status)
) STRICT, WITHOUT ROWID;
INSERT INTO booking_tally (service_id, status, number)
SELECT service_id, status, count(*) FROM booking NOT INDEXED GROUP BY 1, 2;

CREATE TRIGGER booking_tally_added AFTER INSERT ON booking
BEGIN
    INSERT INTO booking_tally (service_id, status, number) VALUES (NEW.service_id, NEW.status, 1)
    ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER booking_tally_changed AFTER UPDATE OF service_id, status ON booking
WHEN OLD.status <> NEW.status OR OLD.service_id <> NEW.service_id
BEGIN
    INSERT INTO booking_tally (service_id, status, number)
    VALUES (NEW.service_id, NEW.status, 1), (OLD.service_id, OLD.status, -1)
    ON CONFLICT DO UPDATE SET number = number + excluded.number;
END;

CREATE TRIGGER booking_tally_removed AFTER DELETE ON booking
BEGIN
    UPDATE booking_tally SET number = number - 1 WHERE service_id = OLD.service_id AND status = OLD.status;
END;

-- The same by resource, of what bookings occupied and have given back: those that are neither SCHEDULED nor CONFIRMED. What is
-- occupied now is counted along its index, so that a new booking costs nothing here.
CREATE TABLE released_tally (
    resource_id INTEGER NOT NULL,
    service_id  INTEGER NOT NULL,
    status      TEXT NOT NULL,                -- that of the booking
    number      INTEGER NOT NULL,
    PRIMARY KEY (resource_id, service_id, status)
) STRICT, WITHOUT ROWID;
INSERT INTO released_tally (resource_id, service_id, status, number)
SELECT allocation.resource_id, booking.service_id, booking.status, count(*)
FROM allocation NOT INDEXED CROSS JOIN booking ON booking.id = booking_id
WHERE active = 0 AND status NOT IN ('SCHEDULED', 'CONFIRMED') GROUP BY 1, 2, 3;

-- First the time is given back, then the booking says that it is over; or the other way round.
CREATE TRIGGER released_tally_released AFTER UPDATE OF active ON allocation WHEN OLD.active <> NEW.active
BEGIN
    INSERT INTO released_tally (resource_id, service_id, status, number)
    SELECT NEW.resource_id, service_id, status, OLD.active - NEW.active FROM booking
    WHERE id = NEW.booking_id AND status NOT IN ('SCHEDULED', 'CONFIRMED')
    ON CONFLICT DO UPDATE SET number = number + excluded.number;
END;

CREATE TRIGGER released_tally_over AFTER UPDATE OF service_id, status ON booking
WHEN (OLD.status <> NEW.status OR OLD.service_id <> NEW.service_id) AND NEW.status NOT IN ('SCHEDULED', 'CONFIRMED')
BEGIN
    INSERT INTO released_tally (resource_id, service_id, status, number)
    SELECT resource_id, NEW.service_id, NEW.status, 1 FROM allocation WHERE booking_id = NEW.id AND active = 0
    ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER released_tally_not_over AFTER UPDATE OF service_id, status ON booking
WHEN (OLD.status <> NEW.status OR OLD.service_id <> NEW.service_id) AND OLD.status NOT IN ('SCHEDULED', 'CONFIRMED')
BEGIN
    UPDATE released_tally SET number = number - 1 WHERE service_id = OLD.service_id AND status = OLD.status
    AND resource_id IN (SELECT resource_id FROM allocation WHERE booking_id = OLD.id AND active = 0);
END;

CREATE TRIGGER released_tally_added AFTER INSERT ON allocation WHEN NEW.active = 0
BEGIN
    INSERT INTO released_tally (resource_id, service_id, status, number)
    SELECT NEW.resource_id, service_id, status, 1 FROM booking
    WHERE id = NEW.booking_id AND status NOT IN ('SCHEDULED', 'CONFIRMED')
    ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER released_tally_removed AFTER DELETE ON allocation WHEN OLD.active = 0
BEGIN
    UPDATE released_tally SET number = number - 1 WHERE resource_id = OLD.resource_id
    AND (service_id, status) = (SELECT service_id, status FROM booking
        WHERE id = OLD.booking_id AND status NOT IN ('SCHEDULED', 'CONFIRMED'));
END;

-- Before its booking is gone, for the tally asks what that was.
CREATE TRIGGER booking_gives_up BEFORE DELETE ON booking
BEGIN
    DELETE FROM allocation WHERE booking_id = OLD.id;
END;

CREATE TABLE customer_tally (
    status TEXT PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO customer_tally (status, number) SELECT status, count(*) FROM customer GROUP BY 1;

CREATE TRIGGER customer_tally_added AFTER INSERT ON customer
BEGIN
    INSERT INTO customer_tally (status, number) VALUES (NEW.status, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER customer_tally_changed AFTER UPDATE OF status ON customer WHEN OLD.status <> NEW.status
BEGIN
    UPDATE customer_tally SET number = number - 1 WHERE status = OLD.status;
    INSERT INTO customer_tally (status, number) VALUES (NEW.status, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER customer_tally_removed AFTER DELETE ON customer
BEGIN
    UPDATE customer_tally SET number = number - 1 WHERE status = OLD.status;
END;

-- Rows of one status, and of one resource, in the order of time. Active ranges of a resource are equal or apart: in the order
-- of their busy_start they are in that of their start_at too. Released ones have an index of their own, which costs a new
-- booking nothing; booking_resource goes, for all it did was to let a resource be removed that has no bookings.
DROP INDEX customer_phone;
CREATE INDEX customer_phone ON customer (phone_key);
CREATE INDEX customer_blocked ON customer (last_name_key) WHERE status = 'BLOCKED';
CREATE INDEX booking_status ON booking (status, start_key);
DROP INDEX booking_resource;
DROP INDEX allocation_busy;
CREATE INDEX allocation_busy ON allocation (resource_id, active, busy_start, booking_id);
CREATE INDEX allocation_released ON allocation (resource_id, active, start_at, booking_id)
    WHERE active = 0 AND booking_id IS NOT NULL;
