"""Collects the names of code lists for translation: babel calls it for the lists named in babel.cfg."""

import csv
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

_NOT_SHOWN = frozenset({"code", "parent", "contract_subtype", "stage"})


def extract(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, None, str, list[str]]]:
    """Every text of a code list that a page shows, with its line."""
    rows = csv.DictReader(line.decode("utf-8") for line in file)
    for row in rows:
        for column, text in row.items():
            if text and column not in _NOT_SHOWN:
                yield rows.line_num, None, text, []
