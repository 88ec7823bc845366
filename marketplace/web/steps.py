"""The one base of forms in steps: saved draft, one topic per page, a page to check the answers.

A feature lists its steps; this module knows where in them a person is and handles rows that are added and
deleted by submit buttons, so that nothing needs a script.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import request
from flask_babel import gettext
from wtforms import FieldList

from marketplace.web.forms import MarketForm

LONGEST_LIST = 20


@dataclass(frozen=True)
class Step:
    """One page of the form: its name in the address, its label and its form (None: the check page)."""

    name: str
    label: str
    form: type[MarketForm] | None


def find(steps: Sequence[Step], name: str) -> Step | None:
    """The step of this name."""
    return next((step for step in steps if step.name == name), None)


def after(steps: Sequence[Step], step: Step) -> Step:
    """The step that follows; the last is followed by itself."""
    return steps[min(steps.index(step) + 1, len(steps) - 1)]


def before(steps: Sequence[Step], step: Step) -> Step | None:
    """The step that goes before; None for the first."""
    place = steps.index(step)
    return steps[place - 1] if place else None


def progress(
    steps: Sequence[Step], current: Step, url: Callable[[Step], str], done: Callable[[Step], bool]
) -> list[dict]:
    """The steps as the stepper shows them. Every step may be opened once a draft exists."""
    return [
        {
            "label": gettext(step.label),
            "url": url(step),
            "state": "current" if step == current else ("done" if done(step) else "future"),
        }
        for step in steps
    ]


def change_rows(rows: FieldList, prefix: str = "") -> bool:
    """Add or delete a row when one of the buttons was pressed; tells whether one was."""
    if f"{prefix}add_row" in request.form:
        if len(rows.entries) < LONGEST_LIST:
            rows.append_entry()
        return True
    for place in range(len(rows.entries)):
        if f"{prefix}delete_row_{place}" in request.form:
            _delete(rows, place)
            return True
    return False


def _delete(rows: FieldList, place: int) -> None:
    """Delete one row and keep what was typed in the others."""
    kept = [entry.data for at, entry in enumerate(rows.entries) if at != place]
    while rows.entries:
        rows.pop_entry()
    for data in kept:
        rows.append_entry(data)
