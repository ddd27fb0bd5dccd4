"""Where a reading of a proof goes on."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Begin with nobody read: a reading that was under way begins anew."""
    op.add_column(
        "cleanup", sa.Column("read_up_to", sa.BigInteger(), server_default="-1", nullable=False)
    )
