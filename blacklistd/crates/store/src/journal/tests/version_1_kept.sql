-- One call, which is over.
PRAGMA auto_vacuum = 2; PRAGMA application_id = 1112296259; PRAGMA user_version = 1; PRAGMA journal_mode = wal;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
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
INSERT INTO call VALUES(1,1796098096489,1796098127489,7,9,0,1482529953334923263,'00493012345678',1238812419522887679,NULL,40,1,2,3,4,5,NULL,'192.0.2.7:5060',6,7,8,'9@x',9,10,3,NULL,NULL);
CREATE TABLE word (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO word VALUES(1,'+4930*');
INSERT INTO word VALUES(2,'nuisance');
INSERT INTO word VALUES(3,'global');
INSERT INTO word VALUES(4,'drop');
INSERT INTO word VALUES(5,'dropped');
INSERT INTO word VALUES(6,'192.0.2.1:5080');
INSERT INTO word VALUES(7,'carrier');
INSERT INTO word VALUES(8,'eth0');
INSERT INTO word VALUES(9,'from');
INSERT INTO word VALUES(10,'none');
CREATE TABLE total (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    calls INTEGER NOT NULL,
    packets INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
INSERT INTO total VALUES('logged','',1,0);
CREATE TABLE mark (
    kind TEXT NOT NULL,
    place INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    packets INTEGER NOT NULL,
    PRIMARY KEY (kind, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE hour (
    hour INTEGER NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    calls INTEGER NOT NULL,
    packets INTEGER NOT NULL,
    PRIMARY KEY (hour, kind, key)
) STRICT, WITHOUT ROWID;
INSERT INTO hour VALUES(498916,'logged','',1,0);
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
INSERT INTO state VALUES('counters','');
INSERT INTO state VALUES('ring','a');
INSERT INTO state VALUES('ring position','264');
CREATE TABLE cursor (
    sink TEXT PRIMARY KEY,
    id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('call',1);
CREATE INDEX call_first ON call (first);
CREATE INDEX call_caller ON call (caller);
CREATE INDEX call_called ON call (called);
CREATE INDEX call_rule ON call (rule);
CREATE INDEX call_open ON call (id) WHERE last IS NULL;
COMMIT;
