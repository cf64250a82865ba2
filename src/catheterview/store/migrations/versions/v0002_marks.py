"""The second version: a place for what a reader marked, and what readers told of a patient."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add marks and replies."""
    op.add_column("reviews", sa.Column("mark", sa.Text))
    told = [
        sa.Column(name, sa.Text, nullable=False) for name in ("case_id", "fact", "value", "reader", "at", "version")
    ]
    number = sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False)
    op.create_table("replies", number, *told, sa.PrimaryKeyConstraint("id"))
    op.create_index("replies_of_case", "replies", ["case_id", "id"])
    op.execute(
        "CREATE TRIGGER replies_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON replies"
        " FOR EACH STATEMENT EXECUTE FUNCTION catheterview_stays()"
    )


def downgrade() -> None:
    """Refuse: what readers told would be lost."""
    raise NotImplementedError
