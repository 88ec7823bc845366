"""Import of the two files of real listings, rows per second, against plain inserts of as many rows."""

import time
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table

from benchmarks import market
from marketplace.config import ROOT
from marketplace.extensions import db
from marketplace.web.transaction import unit_of_work

FILES = (
    ("achievement", "zhejiang_market_results.csv", "zhejiang_market_results.yaml"),
    ("demand", "zhejiang_market_needs.csv", "zhejiang_market_needs.yaml"),
)


def run() -> dict[str, Any]:
    """Seconds and rows per second of both imports, and the ratio to plain inserts."""
    with market.empty() as app:
        folder = market.benchmark_folder(app) / "listings"
        if not folder.is_dir():
            return {"benchmark": "imports", "skipped": f"no real listings at {folder}"}
        runner = app.test_cli_runner()
        start = time.perf_counter()
        for kind, file, mapping in FILES:
            path, map_path = str(folder / file), str(ROOT / "seed_data" / "import_maps" / mapping)
            result = runner.invoke(args=["listings", "import", kind, path, "--map", map_path, "--publish"])
            assert result.exit_code in (0, 3), result.output
        seconds = time.perf_counter() - start
        rows = 2810 + 1728
        plain = _plain_inserts(rows)
    return {
        "benchmark": "imports",
        "rows": rows,
        "seconds": round(seconds, 1),
        "rows_per_second": round(rows / seconds),
        "ratio_to_plain_inserts": round(plain / seconds, 3),
    }


def _plain_inserts(rows: int) -> float:
    """Seconds for as many rows of text in one table of its own."""
    table = Table("plain", MetaData(), Column("id", Integer, primary_key=True), Column("text", String))
    with unit_of_work() as session:
        table.create(session.connection())
    start = time.perf_counter()
    with unit_of_work() as session:
        session.execute(table.insert(), [{"text": "示例" * 200} for _ in range(rows)])
    seconds = time.perf_counter() - start
    db.session.rollback()
    return seconds


if __name__ == "__main__":
    print(run())
