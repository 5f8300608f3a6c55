-- Links to calendar feeds carry a generation; only those of the newest are good, so that all that were handed out can be ended.
CREATE TABLE feed_link (
    generation INTEGER NOT NULL
) STRICT;
INSERT INTO feed_link (generation) VALUES (1);
