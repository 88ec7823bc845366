"""Popular searches, counted without knowing anybody.

What is kept: a text, a day, a number. No person, no session, no address, no time of day. A text is counted only
when every word of it stands in the market's public vocabulary and the search found something, so that a name, a number
or a pasted sentence never reaches the table; once per browser and day (the browser itself remembers which, see
`marketplace/discovery/counting.py`). A text is shown only when at least five browsers asked for it, on two days or
more, within the last thirty. Older days are deleted.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from marketplace.clock import legal_day
from marketplace.db import insert_into
from marketplace.discovery.models import LONGEST_SEARCH, PopularSearch, SearchCount, VocabularyWord
from marketplace.discovery.services.searching import Found
from search.query import ClauseKind, Filters, Level

#: A text must have been asked for by so many browsers, on so many days, within so many days.
LEAST_TIMES, LEAST_DAYS, SPAN_DAYS = 5, 2, 30
MOST_POPULAR = 6
_MOST_WORDS = 4
_SETTLED_EVERY = timedelta(minutes=10)
_CANDIDATES = 50
# The row that says when the list was made last.
_MARK = 0
#: A telephone or identity number, also where its digits are a word of some title.
_NUMBER = re.compile(r"\d{5}")


def countable(found: Found) -> str | None:
    """The text to count for a search, as its words with spaces between; None for one that is not counted."""
    request, parsed = found.request, found.request.parsed()
    words = [clause.text for clause in parsed.clauses]
    plain = not (parsed.excluded or parsed.unsearchable or parsed.set_aside or parsed.truncated)
    plain = plain and not (request.filters.measures or _asks_a_price(request.filters)) and request.page == 1
    plain = plain and all(clause.kind is not ClauseKind.PHRASE for clause in parsed.clauses)
    hit = found.available and found.result.total > 0 and found.result.reading.level is Level.ALL_WORDS
    text = " ".join(words)
    short = 0 < len(words) <= _MOST_WORDS and 1 < len(text) <= LONGEST_SEARCH
    return text if plain and hit and short and not _NUMBER.search(text) else None


def _asks_a_price(filters: Filters) -> bool:
    return filters.price_min_fen is not None or filters.price_max_fen is not None


def add(session: Session, counts: Mapping[tuple[date, str], int]) -> None:
    """Add to the counts of each day and text, as far as its words are words of the market."""
    known = _vocabulary(session, {word for _day, text in counts for word in text.split()})
    for (day, text), times in sorted(counts.items()):
        if known.issuperset(text.split()):
            row = insert_into(session, SearchCount).values(day=day, text=text, times=times)
            session.execute(
                row.on_conflict_do_update(
                    index_elements=[SearchCount.day, SearchCount.text],
                    set_={"times": SearchCount.times + row.excluded.times},
                )
            )


def settle(session: Session, *, now: datetime) -> int:
    """Make the list of popular searches anew when it is ten minutes old, and forget old days. The worker's part."""
    mark = session.get(PopularSearch, _MARK)
    if mark is not None and mark.settled_at > now - _SETTLED_EVERY:
        return 0
    since = legal_day(now) - timedelta(days=SPAN_DAYS)
    session.execute(delete(SearchCount).where(SearchCount.day <= since))
    texts = _most_asked(session, since)
    session.execute(delete(PopularSearch))
    rows = [{"place": place, "text": text, "settled_at": now} for place, text in enumerate(["", *texts])]
    session.execute(insert(PopularSearch), rows)
    return len(texts)


def shown(session: Session) -> list[str]:
    """The popular searches as the worker settled them last, most asked first."""
    return list(
        session.scalars(
            select(PopularSearch.text).where(PopularSearch.place > _MARK).order_by(PopularSearch.place)
        )
    )


def _most_asked(session: Session, since: date) -> list[str]:
    times = func.sum(SearchCount.times)
    asked = session.scalars(
        select(SearchCount.text)
        .where(SearchCount.day > since)
        .group_by(SearchCount.text)
        .having(times >= LEAST_TIMES, func.count() >= LEAST_DAYS)
        .order_by(times.desc(), SearchCount.text)
        .limit(_CANDIDATES)
    ).all()
    known = _vocabulary(session, {word for text in asked for word in text.split()})
    # A word whose listings have been withdrawn since leads nowhere.
    return [text for text in asked if known.issuperset(text.split())][:MOST_POPULAR]


def _vocabulary(session: Session, words: set[str]) -> set[str]:
    return set(session.scalars(select(VocabularyWord.word).where(VocabularyWord.word.in_(words))))
