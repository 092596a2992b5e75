"""Every statement of the SQLite engine."""

# Each entry brings the schema one version up; entries are never changed, only added.
MIGRATIONS = (
    """
    CREATE TABLE record (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        service TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL,
        version INTEGER NOT NULL, doc TEXT NOT NULL, hidden TEXT NOT NULL, keys TEXT NOT NULL,
        UNIQUE (service, kind, id)
    ) STRICT;
    CREATE INDEX record_by_kind ON record (service, kind, seq);
    CREATE INDEX record_by_owner ON record (service, kind, owner, seq);
    CREATE TABLE record_key (
        service TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES record (seq) ON DELETE CASCADE,
        PRIMARY KEY (service, kind, name, value, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX record_key_by_record ON record_key (seq);
    CREATE TABLE unique_key (
        service TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        seq INTEGER NOT NULL REFERENCES record (seq) ON DELETE CASCADE,
        PRIMARY KEY (service, kind, name, value)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX unique_key_by_record ON unique_key (seq);
    CREATE TABLE journal (
        service TEXT NOT NULL, seq INTEGER NOT NULL, previous TEXT NOT NULL, entry TEXT NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (service, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE idempotency (
        service TEXT NOT NULL, client TEXT NOT NULL, path TEXT NOT NULL, key TEXT NOT NULL,
        fingerprint TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL,
        at REAL NOT NULL,
        PRIMARY KEY (service, client, path, key)
    ) STRICT;
    CREATE INDEX idempotency_by_age ON idempotency (at);
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL, event TEXT NOT NULL, at REAL NOT NULL
    ) STRICT;
    CREATE TABLE delivery (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        service TEXT NOT NULL, outbox INTEGER NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE,
        subscription TEXT NOT NULL, subject TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'parked')),
        attempts INTEGER NOT NULL, first_at REAL NOT NULL, next_at REAL NOT NULL
    ) STRICT;
    CREATE INDEX delivery_waiting ON delivery (next_at) WHERE state = 'waiting';
    CREATE INDEX delivery_in_order ON delivery (service, subscription, subject, id) WHERE state = 'waiting';
    CREATE INDEX delivery_by_outbox ON delivery (outbox);
    CREATE TABLE inbox (
        service TEXT NOT NULL, source TEXT NOT NULL, message TEXT NOT NULL, at REAL NOT NULL,
        PRIMARY KEY (service, source, message)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE access_log (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL, subject TEXT NOT NULL, entry TEXT NOT NULL
    ) STRICT;
    CREATE INDEX access_by_subject ON access_log (service, subject, seq);
    CREATE TABLE blob (
        service TEXT NOT NULL, id TEXT NOT NULL, media_type TEXT NOT NULL, sha256 TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (service, id)
    ) STRICT;
    CREATE TABLE counter (
        service TEXT NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL,
        PRIMARY KEY (service, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE secret (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """,
    """
    CREATE TABLE shared (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE failure (place TEXT NOT NULL, at REAL NOT NULL) STRICT;
    CREATE INDEX failure_by_place ON failure (place, at);
    CREATE INDEX failure_by_age ON failure (at);
    """,
)

PRAGMAS = (
    "PRAGMA busy_timeout = 5000",  # while opening, another process may be migrating
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
)

PATIENCE = "PRAGMA busy_timeout = 100"  # in service: the loop stands still that long, then others get their turn

COLUMNS = "seq, kind, id, owner, version, doc, hidden, keys"

GET = f"SELECT {COLUMNS} FROM record WHERE service = ? AND kind = ? AND id = ?"  # noqa: S608 - constants only
FIND = f"SELECT {COLUMNS} FROM record WHERE service = ? AND kind = ?"  # noqa: S608 - constants only
FIND_OWNER = " AND owner = ?"
FIND_KEY = " AND seq IN (SELECT seq FROM record_key WHERE service = ? AND kind = ? AND name = ? AND value IN ({marks}))"
FIND_UP = " AND seq > ? ORDER BY seq LIMIT ?"
FIND_DOWN = " AND seq < ? ORDER BY seq DESC LIMIT ?"

ADD = "INSERT INTO record (service, kind, id, owner, version, doc, hidden, keys) VALUES (?, ?, ?, ?, 1, ?, ?, ?)"
SAVE = """UPDATE record SET version = version + 1, doc = ?, hidden = ?, keys = ?
WHERE service = ? AND kind = ? AND id = ? AND version = ?"""
REMOVE = "DELETE FROM record WHERE service = ? AND kind = ? AND id = ? AND version = ?"
DROP_KEYS = "DELETE FROM record_key WHERE seq = ?"
ADD_KEY = "INSERT INTO record_key (service, kind, name, value, seq) VALUES (?, ?, ?, ?, ?)"
HOLDER = "SELECT seq FROM unique_key WHERE service = ? AND kind = ? AND name = ? AND value = ?"
DROP_UNIQUE = "DELETE FROM unique_key WHERE seq = ?"
ADD_UNIQUE = "INSERT INTO unique_key (service, kind, name, value, seq) VALUES (?, ?, ?, ?, ?)"

COUNT = """INSERT INTO counter (service, name, value) VALUES (?, ?, 1)
ON CONFLICT (service, name) DO UPDATE SET value = value + 1 RETURNING value"""

HEAD = "SELECT seq, digest FROM journal WHERE service = ? ORDER BY seq DESC LIMIT 1"
LINK = "INSERT INTO journal (service, seq, previous, entry, digest) VALUES (?, ?, ?, ?, ?)"
CHAIN = "SELECT seq, previous, entry, digest FROM journal WHERE service = ? AND seq > ? ORDER BY seq LIMIT ?"

ANSWER = """SELECT fingerprint, status, headers, body FROM idempotency
WHERE service = ? AND client = ? AND path = ? AND key = ?"""
KEEP_ANSWER = """INSERT INTO idempotency (service, client, path, key, fingerprint, status, headers, body, at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""

ADD_EVENT = "INSERT INTO outbox (service, event, at) VALUES (?, ?, ?)"
ADD_DELIVERY = """INSERT INTO delivery (service, outbox, subscription, subject, state, attempts, first_at, next_at)
VALUES (?, ?, ?, ?, 'waiting', 0, ?, ?)"""
# The oldest waiting delivery of each subscription and subject: order is kept, other subjects are not held up.
HEADS = """FROM delivery d WHERE d.state = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM delivery e WHERE e.state = 'waiting' AND e.service = d.service
    AND e.subscription = d.subscription AND e.subject = d.subject AND e.id < d.id)"""
DUE = f"""SELECT d.id, d.subscription, (SELECT event FROM outbox WHERE seq = d.outbox), d.attempts, d.first_at
{HEADS} AND d.service = ? AND d.next_at <= ? ORDER BY d.id LIMIT ?"""  # noqa: S608 - constants only
NEXT_DUE = f"SELECT min(d.next_at) {HEADS}"
CLAIM = "UPDATE delivery SET next_at = ? WHERE id = ?"
SETTLE = "UPDATE delivery SET state = ?, attempts = ?, next_at = ? WHERE service = ? AND id = ?"

SEE = "INSERT INTO inbox (service, source, message, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
ADD_ACCESS = "INSERT INTO access_log (service, subject, entry) VALUES (?, ?, ?)"
ACCESSES = "SELECT seq, entry FROM access_log WHERE service = ? AND subject = ? AND seq > ? ORDER BY seq LIMIT ?"

BLOB = "SELECT id, media_type, sha256, data FROM blob WHERE service = ? AND id = ?"
ADD_BLOB = "INSERT INTO blob (service, id, media_type, sha256, data) VALUES (?, ?, ?, ?, ?)"
REMOVE_BLOB = "DELETE FROM blob WHERE service = ? AND id = ?"

SECRET = "SELECT value FROM secret WHERE name = ?"  # noqa: S105 - a statement
ADD_SECRET = "INSERT INTO secret (name, value) VALUES (?, ?)"  # noqa: S105 - a statement

SHARED = "SELECT value FROM shared WHERE name = ?"
SHARE = "INSERT INTO shared (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
UNSHARE = "DELETE FROM shared WHERE name = ?"

FAILURES = "SELECT at FROM failure WHERE place = ? AND at >= ? ORDER BY at"
FORGET_FAILURES = "DELETE FROM failure WHERE at < ?"
FAIL = "INSERT INTO failure (place, at) VALUES (?, ?)"

RESET = tuple(
    f"DELETE FROM {table} WHERE service = ?"  # noqa: S608 - constants only
    for table in (
        "delivery",
        "outbox",
        "record_key",
        "unique_key",
        "record",
        "journal",
        "idempotency",
        "inbox",
        "access_log",
        "blob",
        "counter",
    )
)
FORGET = ("DELETE FROM idempotency WHERE at < ?", "DELETE FROM inbox WHERE at < ?")
