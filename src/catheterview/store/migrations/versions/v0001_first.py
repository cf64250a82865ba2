"""The tables of the first version, as `catheterview.store.schema` makes them in a file."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_CASE = ("case_id", "priority", "step", "action", "version", "studied", "rungs", "kinds")
_FINDING = ("series_instance_uid", "sop_instance_uid", "index_kji", "measures")
_RUN = ("case_id", "input_digest", "limits_digest", "version", "started")


def upgrade() -> None:
    """Make the tables, and let nobody change a verdict."""
    counted = [sa.Column(name, sa.Integer, nullable=False) for name in ("findings", "not_examined", "problems")]
    op.create_table("cases", *_texts(*_CASE), *counted, sa.PrimaryKeyConstraint("case_id"))
    op.create_table(
        "findings", *_of_case(), *_texts("id", "kind"), sa.Column("segment", sa.Text),
        sa.Column("score", sa.Double, nullable=False), *_texts("frame", "point", *_FINDING),
        sa.Column("level", sa.Text), *_texts("message", "cautions", "ends"),
        sa.PrimaryKeyConstraint("case_id", "position"),
    )  # fmt: skip
    examined = _texts("detector", "series_instance_uids", "outcome", "why")
    op.create_table("examinations", *_of_case(), *examined, sa.PrimaryKeyConstraint("case_id", "position"))
    said = _texts("case_id", "finding_id", "verdict", "reader", "at", "version", "reason")
    op.create_table("reviews", _number(), *said, sa.PrimaryKeyConstraint("id"))
    op.create_table(
        "runs", _number(), *_texts(*_RUN), *_texts("finished", default=""), *_texts("outcome", default="started"),
        *_texts("why", default=""), sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("outcome IN ('started', 'complete', 'incomplete', 'failed')", name="runs_outcome"),
    )  # fmt: skip
    op.create_index("reviews_of_case", "reviews", ["case_id", "id"])
    op.create_index("runs_of_case", "runs", ["case_id", "id"])
    op.execute(
        "CREATE FUNCTION catheterview_stays() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE TRIGGER reviews_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON reviews"
        " FOR EACH STATEMENT EXECUTE FUNCTION catheterview_stays()"
    )


def downgrade() -> None:
    """Refuse: verdicts would be lost."""
    raise NotImplementedError("the first tables are not taken away: readers' verdicts are only ever added")


def _texts(*names: str, default: str | None = None) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False, server_default=default) for name in names]


def _number() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False)


def _of_case() -> list[sa.Column[str] | sa.Column[int]]:
    case = sa.Column("case_id", sa.Text, sa.ForeignKey("cases.case_id", ondelete="CASCADE"), nullable=False)
    return [case, sa.Column("position", sa.Integer, nullable=False)]
