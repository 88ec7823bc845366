"""Listings that look like one being written: posted twice, or copied. Told while writing, never in the way."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from marketplace.listings.content import Content
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import reading
from marketplace.permissions import Actor
from search.backend import EngineUnavailable, SearchEngine
from search.copying import bare, copied_share
from search.match_result import MatchSubject
from search.matching import matcher_of

#: From this share of common passages on, a text counts as taken from the other.
COPIED = 0.5
#: From this likeness on (about 1.1 is the same text), two listings may be the same thing told twice.
ALIKE = 0.75
_LOOKED_AT = 20
MOST = 3


@dataclass(frozen=True)
class LookAlike:
    """A listing of the same kind and what makes it look the same; `copied` is a share 0…1 of one's own text."""

    listing: Listing
    same_title: bool
    copied: float
    own_house: bool


def look_alikes(
    session: Session, engine: SearchEngine, actor: Actor, revision: ListingRevision
) -> list[LookAlike]:
    """The listings this person may see that look like the draft, the clearest case first.

    Nothing while no engine answers: a check that helps must not hold anybody up.
    """
    content = revision.typed_content()
    if not content.title.strip():
        return []
    try:
        near = matcher_of(engine).alike(_subject(revision, content), reading.scopes(actor), _LOOKED_AT)
    except EngineUnavailable:
        return []
    likeness = {candidate.listing_id: candidate.likeness for candidate in near}
    rows = reading.by_ids(session, likeness.keys())
    seen = [row for row in rows.values() if reading.visible(actor, row)]
    found = [(_compared(revision, content, row), likeness[row.id]) for row in seen]
    kept = [(one, alike) for one, alike in found if one.same_title or one.copied >= COPIED or alike >= ALIKE]
    kept.sort(key=lambda pair: (not pair[0].same_title, -pair[0].copied, -pair[1]))
    return [one for one, _alike in kept[:MOST]]


def _subject(revision: ListingRevision, content: Content) -> MatchSubject:
    return MatchSubject(
        kind=str(revision.listing.kind),
        listing_id=revision.listing_id,
        title=content.title,
        keywords=content.keywords,
        text=content.text,
    )


def _compared(revision: ListingRevision, content: Content, other: Listing) -> LookAlike:
    theirs = other.accepted_revision.typed_content()
    return LookAlike(
        listing=other,
        same_title=bare(content.title) == bare(theirs.title),
        copied=copied_share(content.text, theirs.open_text),
        own_house=other.organisation_id == revision.listing.organisation_id,
    )
