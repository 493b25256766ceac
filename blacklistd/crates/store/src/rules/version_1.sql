CREATE TABLE rule (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pattern TEXT NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    list TEXT NOT NULL,
    scope TEXT NOT NULL,
    direction TEXT NOT NULL,
    action TEXT NOT NULL,
    dial_plan TEXT NOT NULL,
    comment TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL
) STRICT;
