"""calendar: holidays and adjusted working days as published for 2024–2026"""

import csv
from datetime import date
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SEED = Path(__file__).resolve().parents[3] / "seed_data" / "codes" / "workday_exceptions.csv"


def upgrade() -> None:
    table = op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="holiday or adjusted_workday"),
        sa.Column("name", sa.String(length=60), nullable=False, comment="which holiday"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_days")),
    )
    with _SEED.open(newline="", encoding="utf-8") as file:
        rows = [{**row, "day": date.fromisoformat(row.pop("date"))} for row in csv.DictReader(file)]
    op.bulk_insert(table, rows)


def downgrade() -> None:
    op.drop_table("calendar_days")
