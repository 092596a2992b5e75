"""Every statement of the PostgreSQL engine."""

from .chain import GENESIS

# Each entry brings the schema one version up; entries are never changed, only added.
MIGRATIONS = (
    """
    CREATE TABLE record (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        service text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL,
        owner text COLLATE "C" NOT NULL, version bigint NOT NULL,
        doc json NOT NULL, hidden json NOT NULL, keys json NOT NULL,
        UNIQUE (service, kind, id)
    ) WITH (fillfactor = 85);
    CREATE INDEX record_by_kind ON record (service, kind, seq);
    CREATE INDEX record_by_owner ON record (service, kind, owner, seq);
    CREATE TABLE record_key (
        service text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
        value text COLLATE "C" NOT NULL, seq bigint NOT NULL REFERENCES record (seq) ON DELETE CASCADE,
        PRIMARY KEY (service, kind, name, value, seq)
    );
    CREATE INDEX record_key_by_record ON record_key (seq);
    CREATE TABLE unique_key (
        service text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
        value text COLLATE "C" NOT NULL, seq bigint NOT NULL REFERENCES record (seq) ON DELETE CASCADE,
        PRIMARY KEY (service, kind, name, value)
    );
    CREATE INDEX unique_key_by_record ON unique_key (seq);
    CREATE TABLE journal (
        service text COLLATE "C" NOT NULL, seq bigint NOT NULL, previous text NOT NULL, entry text NOT NULL,
        digest text NOT NULL,
        PRIMARY KEY (service, seq)
    );
    CREATE TABLE journal_head (
        service text COLLATE "C" PRIMARY KEY, seq bigint NOT NULL, previous text NOT NULL, digest text NOT NULL
    ) WITH (fillfactor = 10);
    CREATE TABLE idempotency (
        service text COLLATE "C" NOT NULL, client text COLLATE "C" NOT NULL, path text COLLATE "C" NOT NULL,
        key text COLLATE "C" NOT NULL, fingerprint text NOT NULL, status integer NOT NULL, headers text NOT NULL,
        body bytea NOT NULL, at double precision NOT NULL,
        PRIMARY KEY (service, client, path, key)
    );
    CREATE INDEX idempotency_by_age ON idempotency (at);
    CREATE TABLE outbox (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, service text COLLATE "C" NOT NULL, event json NOT NULL,
        at double precision NOT NULL
    );
    CREATE TABLE delivery (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        service text COLLATE "C" NOT NULL, outbox bigint NOT NULL REFERENCES outbox (seq) ON DELETE CASCADE,
        subscription text COLLATE "C" NOT NULL, subject text COLLATE "C" NOT NULL,
        state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'parked')),
        attempts integer NOT NULL, first_at double precision NOT NULL, next_at double precision NOT NULL
    );
    CREATE INDEX delivery_waiting ON delivery (next_at) WHERE state = 'waiting';
    CREATE INDEX delivery_in_order ON delivery (service, subscription, subject, id) WHERE state = 'waiting';
    CREATE INDEX delivery_by_outbox ON delivery (outbox);
    CREATE TABLE inbox (
        service text COLLATE "C" NOT NULL, source text COLLATE "C" NOT NULL, message text COLLATE "C" NOT NULL,
        at double precision NOT NULL,
        PRIMARY KEY (service, source, message)
    );
    CREATE INDEX inbox_by_age ON inbox (at);
    CREATE TABLE access_log (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, service text COLLATE "C" NOT NULL,
        subject text COLLATE "C" NOT NULL, entry json NOT NULL
    );
    CREATE INDEX access_by_subject ON access_log (service, subject, seq);
    CREATE TABLE blob (
        service text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, media_type text NOT NULL,
        sha256 text NOT NULL, data bytea NOT NULL,
        PRIMARY KEY (service, id)
    );
    CREATE TABLE counter (
        service text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, value bigint NOT NULL,
        PRIMARY KEY (service, name)
    );
    CREATE TABLE secret (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
    """,
    """
    CREATE TABLE shared (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
    CREATE TABLE failure (
        service text COLLATE "C" NOT NULL, place text COLLATE "C" NOT NULL, at double precision NOT NULL
    );
    CREATE INDEX failure_by_place ON failure (service, place, at);
    CREATE INDEX failure_by_age ON failure (at);
    CREATE INDEX delivery_parked ON delivery (id) WHERE state = 'parked';
    """,
)

# The table and the form in which Alembic keeps the version, so that both agree on it.
STAMP_TABLE = "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)"
STAMP = "INSERT INTO alembic_version (version_num) VALUES ($1)"
# Read from the catalogue's rows: functions such as to_regclass would see a migration commit between two calls.
STAMPED = """SELECT coalesce(bool_or(relname = 'alembic_version'), false), coalesce(bool_or(relname = 'record'), false)
FROM pg_class WHERE relkind IN ('r', 'p') AND relname IN ('alembic_version', 'record') AND pg_table_is_visible(oid)"""
VERSION = "SELECT version_num FROM alembic_version"

FACTS = """SELECT current_setting('server_version_num')::int AS version,
current_setting('server_encoding') AS encoding,
current_setting('synchronous_commit') AS synchronous_commit,
current_setting('fsync') AS fsync,
current_setting('full_page_writes') AS full_page_writes,
current_setting('data_checksums') AS checksums,
current_setting('default_transaction_isolation') AS isolation,
pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS read_only,
(SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
coalesce(host(inet_server_addr()), '') AS address,
coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted"""
WRITABLE = "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'"

# A unit begins by passing its service's gate: side by side with others, or alone when that went wrong before.
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock{mode}({gate})"
ALONE, SIDE_BY_SIDE = "", "_shared"
MIGRATE = "SELECT pg_advisory_xact_lock({number})"

COLUMNS = "seq, kind, id, owner, version, doc, hidden, keys"
SIGHT = "seq, version"  # what is compared to learn whether a read still holds

GET = "SELECT {columns} FROM record WHERE service = $1 AND kind = $2 AND id = $3"
FIND = "SELECT {columns} FROM record WHERE service = $1 AND kind = $2"
FIND_OWNER = " AND owner = ${owner}"
FIND_KEY = """ AND seq IN (SELECT seq FROM record_key
WHERE service = $1 AND kind = $2 AND name = ${name} AND value = ANY (${values}::text[]))"""
FIND_UP = " AND seq > ${start} ORDER BY seq LIMIT ${limit}"
FIND_DOWN = " AND seq < ${start} ORDER BY seq DESC LIMIT ${limit}"

ADD = """WITH new AS (
    INSERT INTO record (service, kind, id, owner, version, doc, hidden, keys)
    VALUES ($1, $2, $3, $4, 1, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING seq
), keyed AS (
    INSERT INTO record_key (service, kind, name, value, seq)
    SELECT $1, $2, k.name, k.value, new.seq FROM new, unnest($8::text[], $9::text[]) AS k (name, value)
), taken AS (
    INSERT INTO unique_key (service, kind, name, value, seq)
    SELECT $1, $2, k.name, k.value, new.seq FROM new, unnest($10::text[], $11::text[]) AS k (name, value)
    ON CONFLICT DO NOTHING RETURNING name
)
SELECT (SELECT seq FROM new) AS seq, ARRAY(SELECT name FROM taken) AS names"""
UNDO_ADD = "DELETE FROM record WHERE seq = $1"

# Take the unique keys that are free, and tell of the others who holds them; nobody seen is somebody just now.
CLAIM = """WITH wanted AS (SELECT * FROM unnest($4::text[], $5::text[]) AS k (name, value)
), new AS (
    INSERT INTO unique_key (service, kind, name, value, seq)
    SELECT $1, $2, name, value, $3 FROM wanted ON CONFLICT DO NOTHING RETURNING name
)
SELECT w.name, new.name IS NOT NULL AS new, coalesce(u.seq = $3, false) AS own
FROM wanted w LEFT JOIN new ON new.name = w.name
LEFT JOIN unique_key u ON u.service = $1 AND u.kind = $2 AND u.name = w.name AND u.value = w.value"""
UNCLAIM = """DELETE FROM unique_key u USING unnest($4::text[], $5::text[]) AS k (name, value)
WHERE u.service = $1 AND u.kind = $2 AND u.seq = $3 AND u.name = k.name AND u.value = k.value"""
SAVE = """UPDATE record SET version = version + 1, doc = $5, hidden = $6, keys = $7
WHERE service = $1 AND kind = $2 AND id = $3 AND version = $4 RETURNING seq"""
SAVE_KEYS = f"""WITH changed AS ({SAVE}
), kept AS (SELECT * FROM unnest($8::text[], $9::text[]) AS k (name, value)
), owned AS (SELECT * FROM unnest($10::text[], $11::text[]) AS k (name, value)
), dropped AS (
    DELETE FROM record_key r USING changed WHERE r.seq = changed.seq
    AND NOT EXISTS (SELECT FROM kept WHERE kept.name = r.name AND kept.value = r.value)
), added AS (
    INSERT INTO record_key (service, kind, name, value, seq)
    SELECT $1, $2, kept.name, kept.value, changed.seq FROM changed, kept ON CONFLICT DO NOTHING
), released AS (
    DELETE FROM unique_key u USING changed WHERE u.seq = changed.seq
    AND NOT EXISTS (SELECT FROM owned WHERE owned.name = u.name AND owned.value = u.value)
)
SELECT seq FROM changed"""  # noqa: S608 - constants only
REMOVE = "DELETE FROM record WHERE service = $1 AND kind = $2 AND id = $3 AND version = $4 RETURNING seq"

COUNT = """INSERT INTO counter AS c (service, name, value) VALUES ($1, $2, 1)
ON CONFLICT (service, name) DO UPDATE SET value = c.value + 1 RETURNING value"""

CHAIN = "SELECT seq, previous, entry, digest FROM journal WHERE service = $1 AND seq > $2 ORDER BY seq LIMIT $3"

# Numbers that are taken for good, by themselves; the last of them is told.  Their own commit needs no sync, because the
# write-ahead log keeps its order, so whatever is committed with a number is never on disk without it.
TAKE = """WITH quick AS (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO counter AS c (service, name, value) SELECT $1, $2, $3 FROM quick
ON CONFLICT (service, name) DO UPDATE SET value = c.value + excluded.value RETURNING value"""

# An idempotency key is taken by its row: a twin waits here until the first has committed or was undone.
RESERVE = """WITH new AS (
    INSERT INTO idempotency (service, client, path, key, fingerprint, status, headers, body, at)
    VALUES ($1, $2, $3, $4, '', 0, '[]', '', 0) ON CONFLICT DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT FROM new) AS reserved, (SELECT seq FROM journal_head WHERE service = $1) AS head"""
RELEASE = "DELETE FROM idempotency WHERE service = $1 AND client = $2 AND path = $3 AND key = $4 AND status = 0"
ANSWER = """SELECT fingerprint, status, headers, body FROM idempotency
WHERE service = $1 AND client = $2 AND path = $3 AND key = $4"""

# Accesses, events and their deliveries; the counters of the events' subjects are locked in their order.
OUTBOX = """), looked AS (
    INSERT INTO access_log (service, subject, entry)
    SELECT $1, a.subject, a.entry::json
    FROM unnest($10::text[], $11::text[]) WITH ORDINALITY AS a (subject, entry, place) ORDER BY a.place
), said AS (
    SELECT *, row_number() OVER one AS number, count(*) OVER (PARTITION BY subject) AS total
    FROM unnest($12::text[], $13::text[], $14::float8[]) WITH ORDINALITY AS e (subject, event, at, place)
    WINDOW one AS (PARTITION BY subject ORDER BY place)
), counted AS (
    INSERT INTO counter AS c (service, name, value)
    SELECT $1, 'event:' || subject, count(*) FROM said{first} GROUP BY subject ORDER BY subject
    ON CONFLICT (service, name) DO UPDATE SET value = c.value + excluded.value RETURNING name, value
), numbered AS (
    SELECT s.place, s.subject, s.at,
    left(s.event, -1) || ',"sequence":' || (c.value - s.total + s.number) || '}}' AS event
    FROM said s JOIN counted c ON c.name = 'event:' || s.subject
), sent AS (
    INSERT INTO outbox (service, event, at) SELECT $1, event::json, at FROM numbered ORDER BY place
    RETURNING seq, event::text AS event
), due AS (
    INSERT INTO delivery (service, outbox, subscription, subject, state, attempts, first_at, next_at)
    SELECT $1, sent.seq, d.subscription, n.subject, 'waiting', 0, n.at, n.at
    FROM unnest($15::int[], $16::text[]) WITH ORDINALITY AS d (event, subscription, place)
    JOIN numbered n ON n.place = d.event JOIN sent ON sent.event = n.event ORDER BY d.place
"""

# All that waited for the end of a unit.  The counters of the events' subjects are locked in their order, then the head
# of the chain, and from there to the commit no other unit of the service can commit: links never fork and never leave
# a gap.
FLUSH = """WITH kept AS (
    INSERT INTO idempotency AS i (service, client, path, key, fingerprint, status, headers, body, at)
    SELECT $1, a.* FROM unnest(
        $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::bytea[], $9::float8[]
    ) AS a
    ON CONFLICT (service, client, path, key) DO UPDATE SET fingerprint = excluded.fingerprint,
    status = excluded.status, headers = excluded.headers, body = excluded.body, at = excluded.at
    WHERE i.status = 0 RETURNING 1
"""
FLUSH += OUTBOX.format(first="")
FLUSH += """), head AS (
    INSERT INTO journal_head AS h (service, seq, previous, digest)
    SELECT $1, 1, $18, encode(sha256(convert_to($18 || E'\\n' || $17, 'UTF8')), 'hex')
    FROM (SELECT count(*) FROM counted) AS first WHERE $17::text IS NOT NULL
    ON CONFLICT (service) DO UPDATE SET seq = h.seq + 1, previous = h.digest,
    digest = encode(sha256(convert_to(h.digest || E'\\n' || $17, 'UTF8')), 'hex')
    RETURNING seq, previous, digest
), linked AS (
    INSERT INTO journal (service, seq, previous, entry, digest)
    SELECT $1, seq, previous, $17, digest FROM head RETURNING seq
)
SELECT (SELECT count(*) FROM kept) AS kept, (SELECT seq FROM linked) AS link,
set_config('istmo.service', $1, true), set_config('istmo.entry', coalesce($19, ''), true)"""
# The link and the commit in one message: the head of the chain is never locked while a message is on its way.
LINK = """INSERT INTO journal_head AS h (service, seq, previous, digest)
SELECT s, 1, g, encode(sha256(convert_to(g || E'\\n' || e, 'UTF8')), 'hex') FROM given
ON CONFLICT (service) DO UPDATE SET seq = h.seq + 1, previous = h.digest,
digest = encode(sha256(convert_to(h.digest || E'\\n' || (SELECT e FROM given), 'UTF8')), 'hex')
RETURNING seq, previous, digest"""
COMMIT = "COMMIT"
LINK_AND_COMMIT = f"""WITH given AS (
    SELECT current_setting('istmo.service') AS s, current_setting('istmo.entry') AS e, '{GENESIS}' AS g
), head AS ({LINK})
INSERT INTO journal (service, seq, previous, entry, digest)
SELECT s, seq, previous, e, digest FROM given, head; {COMMIT}"""  # noqa: S608 - constants only
# The oldest waiting delivery of each subscription and subject: order is kept, other subjects are not held up.
HEADS = """FROM delivery d WHERE d.state = 'waiting' AND NOT EXISTS (
    SELECT FROM delivery e WHERE e.state = 'waiting' AND e.service = d.service
    AND e.subscription = d.subscription AND e.subject = d.subject AND e.id < d.id)"""
DUE = f"""WITH head AS (
    SELECT d.id {HEADS} AND d.service = $1 AND d.next_at <= $2 ORDER BY d.id LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE delivery d SET next_at = $4 FROM head WHERE d.id = head.id
RETURNING d.id, d.subscription, (SELECT event FROM outbox WHERE seq = d.outbox), d.attempts,
d.first_at"""  # noqa: S608 - constants only
NEXT_DUE = f"SELECT min(d.next_at) {HEADS}"
SETTLE = "UPDATE delivery SET state = $1, attempts = $2, next_at = $3 WHERE service = $4 AND id = $5"

SEE = "INSERT INTO inbox (service, source, message, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING 1"
ACCESSES = "SELECT seq, entry FROM access_log WHERE service = $1 AND subject = $2 AND seq > $3 ORDER BY seq LIMIT $4"

BLOB = "SELECT id, media_type, sha256, data FROM blob WHERE service = $1 AND id = $2"
ADD_BLOB = "INSERT INTO blob (service, id, media_type, sha256, data) VALUES ($1, $2, $3, $4, $5)"
REMOVE_BLOB = "DELETE FROM blob WHERE service = $1 AND id = $2"

SECRET = "SELECT value FROM secret WHERE name = $1"  # noqa: S105 - a statement
ADD_SECRET = "INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"  # noqa: S105 - a statement

SHARED = "SELECT value FROM shared WHERE name = $1"
SHARE = "INSERT INTO shared (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
UNSHARE = "DELETE FROM shared WHERE name = $1"

FAILURES = "SELECT at FROM failure WHERE service = $1 AND place = $2 AND at > $3 ORDER BY at"
FAIL = "INSERT INTO failure (service, place, at) VALUES ($1, $2, $3)"
BACKLOG = """SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'parked')
FROM delivery WHERE state IN ('waiting', 'parked')"""

# Units that have nothing open in the database learn by this value that a reset came between.
RESET_NUMBER = """INSERT INTO shared (name, value) SELECT 'reset:' || $1::text, gen_random_uuid()::text
ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
RESET = tuple(
    f"DELETE FROM {table} WHERE service = $1"  # noqa: S608 - constants only
    for table in (
        "delivery",
        "outbox",
        "record_key",
        "unique_key",
        "record",
        "journal",
        "journal_head",
        "idempotency",
        "inbox",
        "access_log",
        "blob",
        "counter",
        "failure",
    )
)
FORGET = (
    "DELETE FROM idempotency WHERE at < $1",
    "DELETE FROM inbox WHERE at < $1",
    "DELETE FROM failure WHERE at < $1",
)
