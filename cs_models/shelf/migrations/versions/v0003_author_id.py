"""Who saved a scenario is a person, whatever the name: a digest beside it, "" for what was saved before."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    op.add_column("scenarios", sa.Column("author_id", sa.String(32), nullable=False, server_default=""))
