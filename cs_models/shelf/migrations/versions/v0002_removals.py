"""A scenario can be put away and taken back: each is a row of its own."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    op.create_table(
        "removals",
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("family", sa.String(64), sa.ForeignKey("scenarios.id"), nullable=False),
        sa.Column("gone", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
    )
    op.create_index("removals_of_a_family", "removals", ["family"])
