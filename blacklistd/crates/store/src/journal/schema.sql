-- The log of blocked calls, and what was counted. Beside the rules' database and not in it: a
-- damaged or a full log must never keep a rule from being in force.

-- One row per blocked call. Numbers are packed as in the kernel's tables; texts that repeat stand
-- in "word". Rows without "last" are calls whose INVITE may still be repeated.
CREATE TABLE call (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    first INTEGER NOT NULL,
    last INTEGER,
    packets INTEGER,
    fingerprint INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    caller INTEGER NOT NULL,
    caller_sent TEXT,
    called INTEGER NOT NULL,
    called_sent TEXT,
    rule INTEGER NOT NULL,
    pattern INTEGER NOT NULL,
    list INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    action INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    status INTEGER,
    source TEXT NOT NULL,
    destination INTEGER NOT NULL,
    trunk INTEGER NOT NULL,
    interface INTEGER NOT NULL,
    call_id TEXT NOT NULL,
    identity INTEGER NOT NULL,
    verstat INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    duration INTEGER,
    pin INTEGER
) STRICT;
CREATE INDEX call_first ON call (first);
CREATE INDEX call_caller ON call (caller);
CREATE INDEX call_called ON call (called);
CREATE INDEX call_rule ON call (rule);
CREATE INDEX call_open ON call (id) WHERE last IS NULL;

CREATE TABLE word (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- What was counted in all, by what it was counted for.
CREATE TABLE total (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    calls INTEGER NOT NULL,
    packets INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- Up to where the kernel's counters are in these totals.
CREATE TABLE mark (
    kind TEXT NOT NULL,
    place INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    packets INTEGER NOT NULL,
    PRIMARY KEY (kind, place)
) STRICT, WITHOUT ROWID;

-- The same by hour, in hours since 1970.
CREATE TABLE hour (
    hour INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    calls INTEGER NOT NULL,
    packets INTEGER NOT NULL,
    PRIMARY KEY (hour, kind, key)
) STRICT, WITHOUT ROWID;

-- The busiest numbers of each day; "error" is by how much "calls" may be too high.
CREATE TABLE busiest (
    day TEXT NOT NULL,
    side TEXT NOT NULL,
    number TEXT NOT NULL,
    calls INTEGER NOT NULL,
    error INTEGER NOT NULL,
    PRIMARY KEY (day, side, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How far each sink of the log has got.
CREATE TABLE cursor (
    sink TEXT PRIMARY KEY,
    id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
