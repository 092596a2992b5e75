"""The statements of the PostgreSQL engine that write several units in one transaction."""

from ._postgres_sql import COMMIT, LINK_AND_COMMIT, OUTBOX
from .chain import GENESIS

# Whoever holds a row that a group wants, a twin in another process say, is not waited for by all: they go on alone.
# The statements are long and their arrays short: to plan them anew each time takes longer than to run them.
BEGIN = """, set_config('lock_timeout', '250ms', true), set_config('plan_cache_mode', 'force_generic_plan', true)"""
PATIENT = "set_config('lock_timeout', '{milliseconds}ms', true)"  # the head of the chain is waited for

# How things stand, with the answers to some keys.  Each key is looked up by itself, however large the table grows.
LOOK = """SELECT (SELECT seq FROM journal_head WHERE service = $1),
(SELECT value FROM shared WHERE name = 'reset:' || $1::text), found.* FROM (SELECT) AS one LEFT JOIN (
    SELECT k.place, i.* FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS k (client, path, key, place),
    LATERAL (
        SELECT fingerprint, status, headers, body FROM idempotency
        WHERE service = $1 AND client = k.client AND path = k.path AND key = k.key LIMIT 1
    ) AS i
) AS found ON true"""
LOOK_ONE = """SELECT (SELECT seq FROM journal_head WHERE service = $1),
(SELECT value FROM shared WHERE name = 'reset:' || $1::text),
1 - (i.status IS NULL)::int, i.fingerprint, i.status, i.headers, i.body
FROM (SELECT) AS one LEFT JOIN idempotency AS i
ON i.service = $1 AND i.client = $2 AND i.path = $3 AND i.key = $4"""
GETS = """SELECT w.place, r.* FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS w (kind, id, place),
LATERAL (SELECT {columns} FROM record WHERE service = $1 AND kind = w.kind AND id = w.id LIMIT 1) AS r"""

# Saves of the versions read.  Unique keys are claimed before any is released, as if the units ran in any order.
SAVES = """WITH changed AS (
    UPDATE record AS r SET version = s.version, doc = s.doc::json, hidden = s.hidden::json, keys = s.keys::json
    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[])
    AS s (seq, base, version, doc, hidden, keys)
    WHERE r.seq = ANY ($2::bigint[]) AND r.service = $1 AND r.seq = s.seq AND r.version = s.base RETURNING r.seq
), kept AS (SELECT * FROM unnest($9::text[], $10::bigint[], $11::text[], $12::text[]) AS k (kind, seq, name, value)
), owned AS (SELECT * FROM unnest($13::text[], $14::bigint[], $15::text[], $16::text[]) AS k (kind, seq, name, value)
), dropped AS (
    DELETE FROM record_key AS r USING changed WHERE r.seq = ANY ($8::bigint[]) AND r.seq = changed.seq
    AND NOT EXISTS (SELECT FROM kept WHERE kept.seq = r.seq AND kept.name = r.name AND kept.value = r.value)
), added AS (
    INSERT INTO record_key (service, kind, name, value, seq)
    SELECT $1, kept.kind, kept.name, kept.value, seq FROM kept JOIN changed USING (seq) ON CONFLICT DO NOTHING
), claimed AS (
    INSERT INTO unique_key (service, kind, name, value, seq)
    SELECT $1, o.kind, o.name, o.value, o.seq FROM owned AS o JOIN changed USING (seq)
    WHERE NOT EXISTS (
        SELECT FROM unique_key AS u WHERE u.seq = o.seq AND u.name = o.name AND u.value = o.value
    ) ORDER BY o.kind, o.name, o.value ON CONFLICT DO NOTHING RETURNING seq, name
), released AS (
    DELETE FROM unique_key AS u USING changed, (SELECT count(*) FROM claimed) AS first
    WHERE u.seq = ANY ($8::bigint[]) AND u.seq = changed.seq
    AND NOT EXISTS (SELECT FROM owned AS o WHERE o.seq = u.seq AND o.name = u.name AND o.value = u.value)
)
SELECT ARRAY(SELECT seq FROM changed), ARRAY(
    SELECT o.seq FROM owned AS o
    WHERE NOT EXISTS (SELECT FROM claimed AS c WHERE c.seq = o.seq AND c.name = o.name) AND NOT EXISTS (
        SELECT FROM unique_key AS u WHERE u.seq = o.seq AND u.name = o.name AND u.value = o.value
    )
)"""

# Everything else that the units write but their links; it tells what was taken already, and how things stand.
# Answers and records by themselves, as most creations are, have a shorter statement: it is quicker to start.
RECORDS = """WITH kept AS (
    INSERT INTO idempotency (service, client, path, key, fingerprint, status, headers, body, at)
    SELECT $1, a.* FROM unnest(
        $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::bytea[], $9::float8[]
    ) AS a (client, path, key, fingerprint, status, headers, body, at)
    ORDER BY a.client, a.path, a.key ON CONFLICT DO NOTHING RETURNING client, path, key
), new AS (
    INSERT INTO record (service, kind, id, owner, version, doc, hidden, keys)
    SELECT $1, r.kind, r.id, r.owner, r.version, r.doc::json, r.hidden::json, r.keys::json
    FROM (SELECT count(*) FROM kept) AS first,
    unnest({columns})
    WITH ORDINALITY AS r (kind, id, owner, version, doc, hidden, keys, place)
    ORDER BY r.place ON CONFLICT DO NOTHING RETURNING seq, kind, id
"""
TOLD = """)
SELECT ARRAY(SELECT ARRAY[client, path, key] FROM kept) AS kept,
ARRAY(SELECT ARRAY[kind, id, seq::text] FROM new) AS new,
{taken} AS taken, {steady} AS steady,
(SELECT value FROM shared WHERE name = 'reset:' || $1::text) AS reset,
set_config('istmo.service', $1, true), set_config('istmo.entry', {entry}, true)"""
NONE = "ARRAY[]::text[]"
WRITE_SHORT = RECORDS.format(
    columns="$10::text[], $11::text[], $12::text[], $13::bigint[], $14::text[], $15::text[], $16::text[]"
) + TOLD.format(taken=NONE, steady=NONE, entry="$17")
WRITE = RECORDS.format(
    columns="$17::text[], $18::text[], $19::text[], $20::bigint[], $21::text[], $22::text[], $23::text[]"
)
WRITE += """), keyed AS (
    INSERT INTO record_key (service, kind, name, value, seq)
    SELECT $1, kind, k.name, k.value, new.seq
    FROM new JOIN unnest($24::text[], $25::text[], $26::text[], $27::text[]) AS k (kind, id, name, value)
    USING (kind, id)
), taken AS (
    INSERT INTO unique_key (service, kind, name, value, seq)
    SELECT $1, kind, k.name, k.value, new.seq
    FROM new JOIN unnest($28::text[], $29::text[], $30::text[], $31::text[]) AS k (kind, id, name, value)
    USING (kind, id) ORDER BY kind, k.name, k.value ON CONFLICT DO NOTHING RETURNING kind, name, value
"""
WRITE += OUTBOX.format(
    first=", (SELECT (SELECT count(*) FROM kept) + (SELECT count(*) FROM new) + (SELECT count(*) FROM taken)) AS first"
)
WRITE += TOLD.format(
    taken="ARRAY(SELECT ARRAY[kind, name, value] FROM taken)",
    steady="""ARRAY(SELECT ARRAY[kind, seq::text, version::text] FROM record
    WHERE service = $1 AND kind = ANY ($33::text[]) ORDER BY seq)""",
    entry="$32",
)

# Lock the head of the chain: from here to the commit no other unit of the service can commit.
LOCK = """INSERT INTO journal_head AS h (service, seq, previous, digest) {row}
ON CONFLICT (service) DO UPDATE SET seq = h.seq RETURNING seq"""
HEAD = LOCK.format(row=f"SELECT $1, 0, '{GENESIS}', '{GENESIS}' WHERE set_config('lock_timeout', $2, true) <> ''")

# Several links and their commit in one message; what is locked by the first statement is seen by the second.
LINKS_AND_COMMIT = f"""{
    LOCK.format(row=f"SELECT current_setting('istmo.service'), 0, '{GENESIS}', '{GENESIS}' WHERE {PATIENT} <> ''")
};
WITH RECURSIVE given AS MATERIALIZED (
    SELECT e.entry, e.place FROM json_array_elements_text(current_setting('istmo.entry')::json)
    WITH ORDINALITY AS e (entry, place)
), link (place, seq, previous, entry, digest) AS (
    SELECT 0::bigint, seq, previous, '', digest FROM journal_head WHERE service = current_setting('istmo.service')
    UNION ALL
    SELECT g.place, l.seq + 1, l.digest, g.entry,
    encode(sha256(convert_to(l.digest || E'\\n' || g.entry, 'UTF8')), 'hex')
    FROM link AS l JOIN given AS g ON g.place = l.place + 1
), linked AS (
    INSERT INTO journal (service, seq, previous, entry, digest)
    SELECT current_setting('istmo.service'), seq, previous, entry, digest FROM link WHERE place > 0
)
UPDATE journal_head AS h SET seq = last.seq, previous = last.previous, digest = last.digest
FROM (SELECT * FROM link ORDER BY place DESC LIMIT 1) AS last
WHERE h.service = current_setting('istmo.service'); {COMMIT}"""  # noqa: S608 - constants only
ONE_LINK_AND_COMMIT = LINK_AND_COMMIT.replace(
    "SELECT current_setting('istmo.service')", f"SELECT {PATIENT}, current_setting('istmo.service')", 1
)
