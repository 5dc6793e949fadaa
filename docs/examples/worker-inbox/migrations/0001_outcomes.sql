-- A table of your own; the inbox creates its own (popp_inbox_…) by itself.
CREATE TABLE outcomes (record TEXT NOT NULL, status TEXT);
