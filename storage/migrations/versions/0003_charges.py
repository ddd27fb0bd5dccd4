"""No subscriber is charged twice in a Run, and no Run settles more than it held."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

#: Who was charged before the column was there. A chunk has one charge, which names it; whoever was
#: taken over from an earlier Run has no chunk.
_CHARGED = """
UPDATE run_subscriber SET charged = true
WHERE category <> 'unknown' AND retry_at IS NULL AND EXISTS (
    SELECT 1 FROM credit_entry WHERE credit_entry.run_id = run_subscriber.run_id
    AND credit_entry.chunk = run_subscriber.chunk AND credit_entry.kind = 'charge'
)
"""
#: What each Run held and settled, summed up once.
_SUMS = """
UPDATE run SET {column} = (
    SELECT COALESCE(SUM(credits), 0) FROM credit_entry
    WHERE credit_entry.run_id = run.id AND credit_entry.kind IN ({kinds})
)
"""

_SQLITE = (
    # It holds for every statement that names the column, whatever it would make of it: a charge
    # can neither be made again nor be taken back.
    """
    CREATE TRIGGER run_subscriber_charged_once BEFORE UPDATE OF charged ON run_subscriber
    WHEN OLD.charged
    BEGIN SELECT RAISE(ABORT, 'this subscriber is charged already'); END
    """,
    """
    CREATE TRIGGER credit_entry_has_credits BEFORE INSERT ON credit_entry
    WHEN NEW.credits <= 0
    BEGIN SELECT RAISE(ABORT, 'an entry is of one credit or more'); END
    """,
    """
    CREATE TRIGGER credit_entry_holds AFTER INSERT ON credit_entry
    WHEN NEW.kind = 'hold'
    BEGIN UPDATE run SET held = held + NEW.credits WHERE id = NEW.run_id; END
    """,
    """
    CREATE TRIGGER credit_entry_settles AFTER INSERT ON credit_entry
    WHEN NEW.kind IN ('charge', 'release')
    BEGIN
        UPDATE run SET settled = settled + NEW.credits WHERE id = NEW.run_id;
        SELECT RAISE(ABORT, 'a run settles no more than it holds') WHERE NOT EXISTS (
            SELECT 1 FROM run WHERE id = NEW.run_id AND settled <= held
        );
    END
    """,
)

_POSTGRESQL = (
    """
    CREATE FUNCTION refuse_second_charge() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'this subscriber is charged already' USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER run_subscriber_charged_once BEFORE UPDATE OF charged ON run_subscriber
    FOR EACH ROW WHEN (OLD.charged) EXECUTE FUNCTION refuse_second_charge()
    """,
    """
    CREATE FUNCTION book_entry() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.credits <= 0 THEN
            RAISE EXCEPTION 'an entry is of one credit or more' USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.kind = 'hold' THEN
            UPDATE run SET held = held + NEW.credits WHERE id = NEW.run_id;
        ELSIF NEW.kind IN ('charge', 'release') THEN
            UPDATE run SET settled = settled + NEW.credits
            WHERE id = NEW.run_id AND settled + NEW.credits <= held;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'a run settles no more than it holds'
                USING ERRCODE = 'check_violation';
            END IF;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER credit_entry_fits AFTER INSERT ON credit_entry
    FOR EACH ROW EXECUTE FUNCTION book_entry()
    """,
)


def upgrade() -> None:
    """Fill what is new from what is there; only then guard it.

    Triggers, and no CHECK of the tables: they leave alone what an old fault may have written, and a
    bot that cannot start would help nobody.
    """
    op.add_column(
        "run_subscriber",
        sa.Column("charged", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    for name in ("held", "settled"):
        op.add_column("run", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.execute(_CHARGED)
    op.execute(_SUMS.format(column="held", kinds="'hold'"))
    op.execute(_SUMS.format(column="settled", kinds="'charge', 'release'"))
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if is_sqlite else _POSTGRESQL:
        op.execute(statement)
