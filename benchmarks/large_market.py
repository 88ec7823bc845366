"""A large market to measure: listings made up from real titles, brought in by the market's own import.

Titles come from `load_titles.csv` of the folder of real listings (MARKETPLACE_BENCHMARK); texts are put together
from other titles, everything else is drawn with a fixed seed. Nine of ten listings are achievements.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from flask import Flask

from benchmarks import market
from marketplace import codes

_TITLES_PER_TEXT = 14
_ACHIEVEMENTS_OF_TEN = 9
_ROWS_OF_A_FILE = 100_000  # far below what an import takes at once


def fill(app: Flask, count: int) -> None:
    """Import `count` published listings; what follows from them is left to the caller."""
    titles = _titles(app)
    achievements = count * _ACHIEVEMENTS_OF_TEN // 10
    folder = Path(app.extensions["settings"].home)
    for kind, number in (("achievement", achievements), ("demand", count - achievements)):
        remaining = _rows(kind, number, titles)
        while rows := list(islice(remaining, _ROWS_OF_A_FILE)):
            path = folder / f"{kind}.csv"
            _write(path, rows)
            arguments = ["listings", "import", kind, str(path), "--publish"]
            done = app.test_cli_runner().invoke(args=arguments)
            assert done.exit_code in (0, 3), done.output[-2000:]
            path.unlink()


def queries(app: Flask, count: int) -> list[str]:
    """Searches as people type them: one or two words out of a title."""
    from search.tokenizer import cut

    draw, titles = random.Random(5), _titles(app)
    found: list[str] = []
    while len(found) < count:
        words = [word for word in cut(draw.choice(titles)) if len(word) > 1]
        if len(words) > 2:
            found.append(" ".join(draw.sample(words, draw.choice((1, 2)))))
    return found


def _titles(app: Flask) -> list[str]:
    path = market.benchmark_folder(app) / "listings" / "load_titles.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [row["title"] for row in csv.DictReader(stream) if len(row["title"]) >= 5]


def _rows(kind: str, count: int, titles: list[str]) -> Iterator[dict[str, str]]:
    draw = random.Random(f"{kind}:{count}")
    choices = {
        "field_codes": [entry.code for entry in codes.technology_fields() if entry.parent is None],
        "industry_codes": [entry.code for entry in codes.industries() if entry.parent is not None],
        "modes": [entry.code for entry in codes.cooperation_modes()],
        "region_code": [entry.code for entry in codes.regions() if entry.code.startswith("15")],
    }
    texts = {"achievement": ("use", "problem", "principle"), "demand": ("current_state", "goal", "limits")}[
        kind
    ]
    maturity = {"achievement": "trl", "demand": "wanted_trl"}[kind]
    for number in range(count):
        row = {"source_id": f"{kind}-{number}", "title": _title(draw, titles)}
        row.update({name: draw.choice(values) for name, values in choices.items()})
        row.update({name: "，".join(draw.sample(titles, _TITLES_PER_TEXT // 3)) for name in texts})
        row[texts[0]] = row[texts[0]][:90]
        row[maturity] = str(draw.randint(1, 9))
        row["price"] = f"{draw.randint(5, 600)}万元"
        yield row


def _title(draw: random.Random, titles: list[str]) -> str:
    """Half of one title and half of another: a hundred thousand different ones out of thirty thousand."""
    left, right = draw.choice(titles), draw.choice(titles)
    return (left[: len(left) // 2] + right[len(right) // 2 :])[:60]


def _write(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
