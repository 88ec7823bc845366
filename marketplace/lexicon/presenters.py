"""The lexicon in words: what there is, and what an addition would change."""

from types import SimpleNamespace

from flask import url_for
from flask_babel import gettext

from marketplace.lexicon.forms import KIND_NAMES
from marketplace.lexicon.models import LexiconEntry
from marketplace.lexicon.services.preview import Preview, WordChange


def row(entry: LexiconEntry) -> SimpleNamespace:
    """One entry of the list."""
    return SimpleNamespace(
        words=words_text(entry.words),
        kind=str(KIND_NAMES[entry.kind]),
        state=_state(entry),
        waiting=entry.applied_at is None or entry.removed_at is not None,
        by=entry.added_by.name,
        on=entry.added_at,
        remove_url=None if entry.removed_at is not None else url_for("lexicon.remove", entry_id=entry.id),
    )


def words_text(words: str) -> str:
    """The words of an entry as a list for reading."""
    return "、".join(words.split())


def _state(entry: LexiconEntry) -> str:
    if entry.removed_at is not None:
        return gettext("正在撤下：索引重建后不再生效")
    return gettext("生效中") if entry.applied_at else gettext("等待生效：正在重建索引")


def preview_page(found: Preview) -> SimpleNamespace:
    """What would change, as lines and examples."""
    return SimpleNamespace(
        changes=[_change(one) for one in found.changes],
        examples=[
            SimpleNamespace(before=" / ".join(one.before), after=" / ".join(one.after), title=one.title)
            for one in found.examples
        ],
        group="、".join(found.group),
    )


def _change(one: WordChange) -> SimpleNamespace:
    return SimpleNamespace(
        word=one.word,
        text=gettext("%(before)s 条 → %(after)s 条", before=one.before, after=one.after),
        joining=[
            {
                "title": listing.accepted_revision.title,
                "url": url_for("listings.detail", number=listing.number),
            }
            for listing in one.joining
        ],
    )
