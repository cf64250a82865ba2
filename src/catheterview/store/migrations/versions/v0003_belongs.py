"""The third version: which output folder's worklist a database keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a place for the folder."""
    folder = sa.Column("folder", sa.Text, nullable=False)
    op.create_table("belongs", folder, sa.PrimaryKeyConstraint("folder"))


def downgrade() -> None:
    """Take it away."""
    op.drop_table("belongs")
