-- A table of your own; the inbox makes its own two (popp_inbox, popp_inbox_schema) by itself.
CREATE TABLE outcomes (record TEXT NOT NULL, status TEXT);
