-- Three rules were added, one removed, one changed.
PRAGMA auto_vacuum = 0; PRAGMA application_id = 1112296268; PRAGMA user_version = 3; PRAGMA journal_mode = wal;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE generation (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    source TEXT NOT NULL,
    action TEXT NOT NULL,
    summary TEXT NOT NULL,
    added INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    removed INTEGER NOT NULL
) STRICT;
INSERT INTO generation VALUES(1,1796098196,'blacklistd','database','create','the database was made',2,0,0);
INSERT INTO generation VALUES(2,1790000000,'uid 0 (root)','socket','rule add','a rule was added',1,0,0);
INSERT INTO generation VALUES(3,1790000000,'uid 0 (root)','socket','rule add','a rule was added',1,0,0);
INSERT INTO generation VALUES(4,1790000000,'uid 0 (root)','socket','rule remove','a rule was removed',0,0,1);
INSERT INTO generation VALUES(5,1790000000,'uid 0 (root)','socket','rule add','a rule was added',1,0,0);
INSERT INTO generation VALUES(6,1790000000,'uid 0 (root)','socket','rule edit','a rule was changed',0,1,0);
CREATE TABLE rule (
    id INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    made INTEGER NOT NULL,
    list INTEGER NOT NULL,
    match TEXT NOT NULL,
    number TEXT NOT NULL,
    pattern TEXT,
    kind TEXT,
    scopes TEXT,
    direction TEXT,
    action TEXT,
    mandatory INTEGER,
    dial_plan TEXT,
    comment TEXT,
    enabled INTEGER NOT NULL,
    valid_from INTEGER,
    valid_until INTEGER,
    schedule TEXT,
    origin TEXT,
    PRIMARY KEY (id, since)
) STRICT, WITHOUT ROWID;
INSERT INTO rule VALUES(1,2,6,2,1,'prefix','+1415','+1 415*',NULL,'0 17',NULL,NULL,1,'us','a "comment" – with more',1,NULL,1800000000,'mo-fr 08:00-18:00 Europe/Berlin','import:7');
INSERT INTO rule VALUES(1,6,NULL,2,1,'prefix','+1415','+1 415*',NULL,'0 17',NULL,NULL,1,'us','a "comment" – with more',0,NULL,1800000000,'mo-fr 08:00-18:00 Europe/Berlin','import:7');
INSERT INTO rule VALUES(2,3,4,3,1,'exact','alice',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,NULL,NULL,NULL,NULL);
INSERT INTO rule VALUES(3,5,NULL,5,1,'exact','bob',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,NULL,NULL,NULL,NULL);
CREATE TABLE list (
    id INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    made INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    direction TEXT NOT NULL,
    action TEXT,
    mandatory INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    scopes TEXT,
    comment TEXT,
    PRIMARY KEY (id, since)
) STRICT, WITHOUT ROWID;
INSERT INTO list VALUES(1,1,NULL,1,'default','block','inbound',NULL,0,1,'0',NULL);
CREATE TABLE scope (
    id INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    made INTEGER NOT NULL,
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    comment TEXT,
    PRIMARY KEY (id, since)
) STRICT, WITHOUT ROWID;
INSERT INTO scope VALUES(0,1,NULL,1,'global','unset',NULL);
CREATE TABLE member (
    scope INTEGER NOT NULL,
    number TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    PRIMARY KEY (scope, number, since)
) STRICT, WITHOUT ROWID;
CREATE TABLE feed (
    name TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    subscription TEXT NOT NULL,
    PRIMARY KEY (name, since)
) STRICT, WITHOUT ROWID;
CREATE TABLE feed_state (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE identity (
    what TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO identity VALUES('grant',1);
INSERT INTO identity VALUES('list',2);
INSERT INTO identity VALUES('rule',4);
INSERT INTO identity VALUES('scope',1);
CREATE TABLE pin (
    scope INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    since INTEGER NOT NULL,
    author TEXT NOT NULL
) STRICT;
CREATE TABLE pin_limit (
    subject TEXT PRIMARY KEY,
    begun INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    ready INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE pin_attempt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    local TEXT NOT NULL,
    caller TEXT NOT NULL,
    outcome TEXT NOT NULL,
    scope TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS "grant" (
    id INTEGER PRIMARY KEY,
    local TEXT NOT NULL,
    remote TEXT NOT NULL,
    until INTEGER,
    once INTEGER NOT NULL,
    made INTEGER NOT NULL,
    author TEXT NOT NULL,
    UNIQUE (local, remote)
) STRICT;
DELETE FROM sqlite_sequence;
CREATE INDEX rule_since ON rule (since);
CREATE INDEX rule_until ON rule (until) WHERE until IS NOT NULL;
CREATE INDEX rule_list ON rule (list) WHERE until IS NULL;
CREATE UNIQUE INDEX list_name ON list (name) WHERE until IS NULL;
CREATE UNIQUE INDEX scope_name ON scope (name) WHERE until IS NULL;
CREATE INDEX pin_attempt_caller ON pin_attempt (caller);
COMMIT;
