-- One PIN for each scope. It has no versions: what was replaced is gone.
CREATE TABLE pin (
    scope INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    since INTEGER NOT NULL,
    author TEXT NOT NULL
) STRICT;

-- How often PINs were tried wrongly, by local number or scope; times are milliseconds since 1970.
CREATE TABLE pin_limit (
    subject TEXT PRIMARY KEY,
    begun INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    ready INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every try, without its digits.
CREATE TABLE pin_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    local TEXT NOT NULL,
    caller TEXT NOT NULL,
    outcome TEXT NOT NULL,
    scope TEXT
) STRICT;
CREATE INDEX pin_attempt_caller ON pin_attempt (caller);

-- Grants end by time, which is no change: they have no versions.
CREATE TABLE "grant" (
    id INTEGER PRIMARY KEY,
    local TEXT NOT NULL,
    remote TEXT NOT NULL,
    until INTEGER,
    once INTEGER NOT NULL,
    made INTEGER NOT NULL,
    author TEXT NOT NULL,
    UNIQUE (local, remote)
) STRICT;

INSERT INTO identity VALUES ('grant', 1);
