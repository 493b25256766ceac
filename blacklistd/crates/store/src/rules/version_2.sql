-- Versioned rows: a version stands from generation "since" on, until generation "until".
ALTER TABLE rule RENAME TO rule_of_version_1;

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
CREATE INDEX rule_since ON rule (since);
CREATE INDEX rule_until ON rule (until) WHERE until IS NOT NULL;
CREATE INDEX rule_list ON rule (list) WHERE until IS NULL;

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
CREATE UNIQUE INDEX list_name ON list (name) WHERE until IS NULL;

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
CREATE UNIQUE INDEX scope_name ON scope (name) WHERE until IS NULL;

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

-- What became of a subscription is no change of the rules and has no versions.
CREATE TABLE feed_state (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The next id of each kind; ids are never given twice.
CREATE TABLE identity (
    what TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO generation VALUES (
    1, coalesce((SELECT min(created_at) FROM rule_of_version_1), unixepoch()),
    'blacklistd', 'database', 'create', 'the database was made', 2, 0, 0
);
INSERT INTO list VALUES (1, 1, NULL, 1, 'default', 'block', 'inbound', NULL, 0, 1, '0', NULL);
INSERT INTO scope VALUES (0, 1, NULL, 1, 'global', 'unset', NULL);

-- Each rule of version 1 was a change of its own.
CREATE TEMP TABLE made AS
    SELECT id, 1 + row_number() OVER (ORDER BY id) AS number FROM rule_of_version_1;
INSERT INTO generation
    SELECT made.number, created_at, created_by, 'socket', 'rule add',
           'rule ' || id || ' was added: ' || list || ' ' || pattern, 1, 0, 0
    FROM rule_of_version_1 JOIN made USING (id);
INSERT INTO scope
    SELECT row_number() OVER (ORDER BY min(made.number)), min(made.number), NULL,
           min(made.number), scope, 'unset', NULL
    FROM rule_of_version_1 JOIN made USING (id) WHERE scope <> 'global' GROUP BY scope;
INSERT INTO rule
    SELECT old.id, made.number, NULL, made.number, 1, old.kind,
           old.number, nullif(old.pattern, old.number), nullif(old.list, 'block'),
           CAST(scope.id AS TEXT), nullif(old.direction, 'inbound'),
           nullif(nullif(old.action, 'drop'), 'pass'), NULL, nullif(old.dial_plan, 'none'),
           nullif(old.comment, ''), old.enabled, NULL, NULL, NULL, NULL
    FROM rule_of_version_1 old JOIN made USING (id)
    LEFT JOIN scope ON scope.name = old.scope AND old.scope <> 'global';

INSERT INTO identity VALUES
    ('rule', 1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'rule_of_version_1'), 0)),
    ('list', 2),
    ('scope', 1 + (SELECT max(id) FROM scope));
DROP TABLE made;
DROP TABLE rule_of_version_1;
