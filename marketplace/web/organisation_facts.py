"""Facts about an organisation that features on the right of accounts add to its page, without accounts knowing them.

A source takes the organisation's id and returns (term, text) pairs that everybody may read.
"""

from collections.abc import Callable

from flask import Flask, current_app

Source = Callable[[int], list[tuple[str, str]]]
_NAME = "organisation_facts"


def contribute(app: Flask, source: Source) -> None:
    """Let a feature add its facts."""
    app.extensions.setdefault(_NAME, []).append(source)


def public_facts(organisation_id: int) -> list[tuple[str, str]]:
    """What the features have to say of an organisation, in the order in which they were attached."""
    sources: list[Source] = current_app.extensions.get(_NAME, [])
    return [fact for source in sources for fact in source(organisation_id)]
