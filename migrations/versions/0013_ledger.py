"""The ledger: wallets, transfers and postings, what the database refuses, and PostgreSQL's function for posting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
IS_REVERSAL = sa.text("reverses_id IS NOT NULL")
WALLET_KINDS = (
    "'member', 'escrow', 'api_key', 'api_key_reserved', 'withdrawal_pending', 'organisation', 'fee', 'mint', 'issue'"
)
TRANSFER_KINDS = (
    "'deposit', 'withdrawal', 'usage', 'transfer', 'gift', 'exchange', 'hold', 'release', 'refund', 'fee', 'split', "
    "'grant', 'opening', 'reversal', 'adjustment'"
)
# Names may have been given a meaning by somebody: a wallet is the same one for ever.
FIXED = ("id", "kind", "owner", "currency", "created_at")
LEDGER = ("wallets", "transfers", "postings")


def upgrade() -> None:
    make_wallets()
    make_transfers()
    make_postings()
    if op.get_bind().dialect.name == "sqlite":
        guard_on_sqlite()
    else:
        guard_on_postgresql()
        op.execute(POST)


def on_sqlite(table: str, name: str, rule: str) -> list[sa.CheckConstraint]:
    """PostgreSQL reads every check anew for each statement, which takes it a fifth of a transfer's time: there triggers
    hold what only a new row can break; their functions are read once in a session."""
    if op.get_bind().dialect.name == "postgresql":
        return []
    return [sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))]


def make_wallets() -> None:
    op.create_table(
        "wallets",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=4), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *on_sqlite("wallets", "kind_known", f"kind IN ({WALLET_KINDS})"),
        *on_sqlite("wallets", "owner_given", "length(owner) > 0"),
        *on_sqlite("wallets", "currency_given", "length(currency) BETWEEN 3 AND 4"),
        *on_sqlite("wallets", "untouched_is_empty", "version > 0 OR balance = 0"),
        sa.CheckConstraint("balance >= floor", name=op.f("ck_wallets_balance_at_floor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallets")),
        sa.UniqueConstraint("kind", "owner", "currency", name=op.f("uq_wallets_kind_owner_currency")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_wallets_id_currency")),
        sqlite_autoincrement=True,
    )


def make_transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=4), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *on_sqlite("transfers", "kind_known", f"kind IN ({TRANSFER_KINDS})"),
        *on_sqlite("transfers", "key_given", "length(scope) > 0 AND length(key) > 0"),
        *on_sqlite("transfers", "url_local", "url = '' OR url LIKE '/%'"),
        *on_sqlite("transfers", "reversal_of_something", "(reverses_id IS NOT NULL) = (kind = 'reversal')"),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_transfers_actor_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["transfers.id"], name=op.f("fk_transfers_reverses_id_transfers"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("scope", "key", name=op.f("uq_transfers_scope_key")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_transfers_id_currency")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_transfers_reverses_id",
        "transfers",
        ["reverses_id"],
        unique=True,
        postgresql_where=IS_REVERSAL,
        sqlite_where=IS_REVERSAL,
    )


def make_postings() -> None:
    op.create_table(
        "postings",
        sa.Column("wallet_id", sa.BigInteger(), nullable=False),
        sa.Column("wallet_version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=4), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_postings_amount_not_zero")),
        sa.CheckConstraint("wallet_version > 0", name=op.f("ck_postings_version_positive")),
        sa.ForeignKeyConstraint(
            ["wallet_id", "currency"],
            ["wallets.id", "wallets.currency"],
            name=op.f("fk_postings_wallet_id_wallets"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id", "currency"],
            ["transfers.id", "transfers.currency"],
            name=op.f("fk_postings_transfer_id_transfers"),
            ondelete="RESTRICT",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("wallet_id", "wallet_version", name=op.f("pk_postings")),
        sa.UniqueConstraint("transfer_id", "wallet_id", name=op.f("uq_postings_transfer_id_wallet_id")),
    )


def guard_on_sqlite() -> None:
    """SQLite checks nothing at commit but foreign keys. So the postings of a transfer are written first; its row,
    which they refer to, is taken only when they sum to zero, and after it no posting of it is taken any more."""
    for table in ("transfers", "postings"):
        for verb in ("update", "delete"):
            refuse_on_sqlite(f"{table}_no_{verb}", f"{verb.upper()} ON {table}", f"{table} is append-only")
    refuse_on_sqlite("wallets_no_delete", "DELETE ON wallets", "wallets are never deleted")
    refuse_on_sqlite(
        "wallets_fixed", f"UPDATE OF {', '.join(FIXED)} ON wallets", "a wallet stays what it is"
    )
    refuse_on_sqlite(
        "postings_closed",
        "INSERT ON postings WHEN EXISTS (SELECT 1 FROM transfers WHERE id = NEW.transfer_id)",
        "a transfer is closed once it is written",
    )
    refuse_on_sqlite(
        "transfers_balanced",
        "INSERT ON transfers WHEN (SELECT sum(amount) IS NOT 0 FROM postings WHERE transfer_id = NEW.id)",
        "a transfer sums to zero",
    )


def refuse_on_sqlite(name: str, occasion: str, reason: str) -> None:
    op.execute(f"CREATE TRIGGER tr_{name} BEFORE {occasion} BEGIN SELECT RAISE(ABORT, '{reason}'); END")


def guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in ("transfers", "postings"):
        for verb in ("update", "delete"):
            refuse_on_postgresql(f"{table}_no_{verb}", f"{verb.upper()} ON {table}", f"{table} is append-only")
    refuse_on_postgresql("wallets_no_delete", "DELETE ON wallets", "wallets are never deleted")
    refuse_on_postgresql("wallets_fixed", f"UPDATE OF {', '.join(FIXED)} ON wallets", "a wallet stays what it is")
    for table in LEDGER:
        refuse_on_postgresql(f"{table}_no_truncate", f"TRUNCATE ON {table}", f"{table} is append-only", "STATEMENT")
    op.execute(BALANCED)
    op.execute(KNOWN)
    op.execute(
        "CREATE TRIGGER tr_wallets_sound BEFORE INSERT ON wallets FOR EACH ROW EXECUTE FUNCTION wallets_sound()"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER tr_transfers_balanced AFTER INSERT ON transfers "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION transfers_balanced()"
    )
    op.execute(
        "CREATE TRIGGER tr_postings_balanced AFTER INSERT ON postings REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION postings_balanced()"
    )
    # A posting changes a wallet's row where it is, as long as the page has room.
    op.execute("ALTER TABLE wallets SET (fillfactor = 50)")


def refuse_on_postgresql(name: str, occasion: str, reason: str, scope: str = "ROW") -> None:
    op.execute(
        f"CREATE TRIGGER tr_{name} BEFORE {occasion} FOR EACH {scope} EXECUTE FUNCTION ledger_refuses('{reason}')"
    )


# What one statement adds to a transfer sums to zero. So all of it does at any time, even if postings are added to one
# that was closed long ago, and at the commit it has only to be asked whether there are any.
BALANCED = f"""
CREATE FUNCTION transfers_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind NOT IN ({TRANSFER_KINDS}) OR (NEW.reverses_id IS NOT NULL) <> (NEW.kind = 'reversal')
        OR NEW.scope = '' OR NEW.key = '' OR (NEW.url <> '' AND NOT starts_with(NEW.url, '/')) THEN
        RAISE EXCEPTION 'no such transfer can be' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM postings WHERE transfer_id = NEW.id) THEN
        RAISE EXCEPTION 'a transfer moves something' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION postings_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added GROUP BY transfer_id HAVING sum(amount) <> 0) THEN
        RAISE EXCEPTION 'a transfer sums to zero' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
"""

# What never changes (tr_wallets_fixed) is looked at once.
KNOWN = f"""
CREATE FUNCTION wallets_sound() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind NOT IN ({WALLET_KINDS}) OR length(NEW.owner) = 0 OR length(NEW.currency) NOT BETWEEN 3 AND 4
        OR (NEW.version <= 0 AND NEW.balance <> 0) THEN
        RAISE EXCEPTION 'no such wallet can be' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""

# app/wallet/operations/posting.py in one round trip. _wallets ascends and names each wallet once; each is locked,
# changed and checked by one statement, the last one first: the oldest wallets, the pot among them, are the busiest, and
# are held for the shortest time. So the transfer's own row is written before that; its currency is that of the first
# wallet, which never changes. A refusal, by a wallet's own check of its floor too, is an outcome and no error, so that
# the transaction can go on: all of it is undone then. What the usual way does not need is asked only then. Who waits
# for a row is woken twice for it and overtaken meanwhile, so with _queues there is a queue in front of each wallet. Who
# had to stand in it is followed by others that wait: then the commit does not wait for the disk with the locks in hand,
# and whoever commits waits afterwards (app/core/db.py, release_early).
POST = """
CREATE FUNCTION ledger_post(
    _wallets bigint[], _amounts bigint[], _kind text, _text text, _url text, _actor bigint, _reverses bigint,
    _scope text, _key text, _at timestamptz, _queues boolean, OUT outcome text, OUT transfer_id bigint,
    OUT wallet_id bigint, OUT was_awaited boolean
) LANGUAGE plpgsql AS $$
DECLARE
    _legs int := cardinality(_wallets);
    _next int;
    _transfer bigint := nextval('transfers_id_seq');
    _currency text;
    _moved text := '';
    _digest text;
    _amount bigint;
    _posting postings;
    _postings postings[];
    _queue CONSTANT bigint := 2305843009213693952;
BEGIN
    was_awaited := false;
    FOR _leg IN 1 .. _legs LOOP
        _moved := _moved || E'\\x1e' || _wallets[_leg] || E'\\x1f' || _amounts[_leg];
    END LOOP;
    BEGIN
        INSERT INTO transfers (id, kind, currency, text, url, actor_id, reverses_id, scope, key, created_at, digest)
        SELECT _transfer, _kind, w.currency, _text, _url, _actor, _reverses, _scope, _key, _at,
            encode(sha256(convert_to(concat_ws(
                E'\\x1f', _transfer, _kind, w.currency, _text, _url, coalesce(_actor::text, ''),
                coalesce(_reverses::text, ''), _scope, _key, (extract(epoch FROM _at) * 1000000)::bigint
            ) || _moved, 'UTF8')), 'hex')
        FROM wallets w WHERE w.id = _wallets[1]
        RETURNING currency, digest INTO _currency, _digest;
        IF NOT FOUND THEN
            outcome := 'missing';
            RETURN;
        END IF;
        FOR _leg IN REVERSE _legs .. 1 LOOP
            EXIT WHEN NOT _queues;
            IF NOT pg_try_advisory_xact_lock(_queue + _wallets[_leg]) THEN
                was_awaited := true;
                PERFORM pg_advisory_xact_lock(_queue + _wallets[_leg]);
            END IF;
        END LOOP;
        FOR _leg IN REVERSE _legs .. 1 LOOP
            _next := _leg;
            _amount := _amounts[_leg];
            UPDATE wallets w SET
                balance = w.balance + _amount,
                version = w.version + 1,
                head = encode(sha256(convert_to(concat_ws(
                    E'\\x1f', w.head, _digest, w.id, w.version + 1, _transfer, w.currency, _amount, w.balance + _amount
                ), 'UTF8')), 'hex')
            WHERE w.id = _wallets[_leg]
            RETURNING w.id, w.version, _transfer, w.currency, _amount, w.balance, w.head INTO _posting;
            IF NOT FOUND OR _posting.currency <> _currency OR abs(_posting.balance_after) > 4000000000000000000 THEN
                RAISE EXCEPTION 'refused' USING ERRCODE = 'LP001';
            END IF;
            _postings[_leg] := _posting;
        END LOOP;
        _next := NULL;
        INSERT INTO postings SELECT * FROM unnest(_postings);
    EXCEPTION WHEN unique_violation OR check_violation OR SQLSTATE 'LP001' THEN
        was_awaited := false;
        SELECT t.id INTO transfer_id FROM transfers t WHERE t.scope = _scope AND t.key = _key;
        IF (SELECT count(*) FROM wallets w WHERE w.id = ANY (_wallets)) < _legs THEN
            outcome := 'missing';
        ELSIF (SELECT count(DISTINCT w.currency) FROM wallets w WHERE w.id = ANY (_wallets)) > 1 THEN
            outcome := 'mixed';
        ELSIF transfer_id IS NOT NULL THEN
            outcome := 'repeated';
            -- The first one may have been let go before it was on disk.
            was_awaited := true;
        ELSIF _next IS NULL THEN
            RAISE;
        ELSE
            SELECT w.id, CASE WHEN w.balance + _amounts[_next] BETWEEN -4000000000000000000 AND 4000000000000000000
                THEN 'floor' ELSE 'range' END
            INTO wallet_id, outcome FROM wallets w WHERE w.id = _wallets[_next];
        END IF;
        RETURN;
    END;
    outcome := 'posted';
    transfer_id := _transfer;
    IF was_awaited THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
END $$
"""


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.execute(
            "DROP FUNCTION ledger_post"
            "(bigint[], bigint[], text, text, text, bigint, bigint, text, text, timestamptz, boolean)"
        )
    for table in reversed(LEDGER):
        op.drop_table(table)
    if on_postgresql:
        for name in ("ledger_refuses", "wallets_sound", "transfers_balanced", "postings_balanced"):
            op.execute(f"DROP FUNCTION {name}()")
