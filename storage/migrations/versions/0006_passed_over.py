"""How often ConvertKit had no answer about one subscriber while it had one about others."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Begin to count."""
    op.add_column(
        "unsubscribe", sa.Column("passed_over", sa.Integer(), server_default="0", nullable=False)
    )
