"""Listing rows as search documents: what of a listing the engines may know, and who may find it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, joinedload

from marketplace import codes
from marketplace.clock import legal_day
from marketplace.indexing.indicator_rows import read_rows
from marketplace.listings import states
from marketplace.listings.content import AchievementContent, Content, DemandContent, content_from_json
from marketplace.listings.models import Listing, ListingRevision, listing_subject
from marketplace.permissions import Permission, scopes_of_object
from search.documents import ListingDocument
from search.indicator_text import suggest_indicators
from search.indicators import AchievementIndicator, DemandIndicator
from search.measures import packed, stated

_ROWS_AT_ONCE = 500
_LISTINGS, _REVISIONS = Listing.__table__.c, ListingRevision.__table__.c


@dataclass(frozen=True, slots=True)
class Slice:
    """The listings with ids above `after`, up to and with `last`."""

    after: int
    last: int


def of_ids(session: Session, ids: Sequence[int]) -> list[Listing]:
    """The listings that still exist among these, with what the public sees of them."""
    loaded = (joinedload(Listing.accepted_revision), joinedload(Listing.organisation))
    return list(session.scalars(select(Listing).options(*loaded).where(Listing.id.in_(ids))))


def rows_of_ids(session: Session, ids: Sequence[int]) -> Sequence[Row]:
    """What the documents of these listings are made of, as far as the listings still exist."""
    return session.execute(_rows().where(_LISTINGS.id.in_(ids))).all()


def everything(session: Session) -> Iterator[ListingDocument]:
    """Every document that belongs into the index, in slices, so that memory stays bounded."""
    for part in slices(session):
        yield from of_slice(session, part)


def slices(session: Session) -> Iterator[Slice]:
    """All listings in the order of their ids, in parts of bounded size; found on the way, not beforehand."""
    after, ids = 0, select(_LISTINGS.id).order_by(_LISTINGS.id)
    while True:
        following = ids.where(_LISTINGS.id > after)
        last = session.scalar(following.offset(_ROWS_AT_ONCE - 1).limit(1))
        if last is None:
            last = session.scalar(select(func.max(following.subquery().c.id)))
        if last is None:
            return
        yield Slice(after, last)
        after = last


def of_slice(session: Session, part: Slice) -> Iterator[ListingDocument]:
    """The documents of one part, in the order of the ids."""
    # By id alone: with the state in the condition SQLite sorts everything that is published for every slice.
    number = _LISTINGS.id
    rows = session.execute(_rows().where(number > part.after, number <= part.last).order_by(number))
    return filter(None, map(document, rows.all()))


def _rows() -> Select:
    """What a document is made of, as plain columns: objects take three times as long, which a rebuild feels."""
    return select(
        _LISTINGS.id,
        _LISTINGS.kind,
        _LISTINGS.state,
        _LISTINGS.limited,
        _LISTINGS.hide_owner,
        _LISTINGS.organisation_id,
        _LISTINGS.author_id,
        _LISTINGS.published_at,
        _LISTINGS.confirmed_on,
        _REVISIONS.id.label("revision_id"),
        _REVISIONS.content,
    ).outerjoin_from(
        Listing.__table__, ListingRevision.__table__, _REVISIONS.id == _LISTINGS.accepted_revision_id
    )


def document(listing: Row) -> ListingDocument | None:
    """The document of a listing's row; None for a listing that does not belong into the index."""
    if listing.state != states.PUBLISHED or listing.revision_id is None:
        return None
    scopes = scopes_of_object(Permission.LISTING_VIEW, listing_subject(listing))
    content = content_from_json(listing.kind, listing.content)
    texts = _texts(content)
    indicators = _indicators(content, texts)
    return ListingDocument(
        listing_id=listing.id,
        kind=str(listing.kind),
        revision_id=listing.revision_id,
        title=content.title,
        published_on=legal_day(listing.published_at),
        confirmed_on=listing.confirmed_on,
        scopes=tuple(sorted(scopes)),
        keywords=content.keywords,
        field_codes=codes.technology_fields().with_ancestors(content.field_codes),
        industry_codes=codes.industries().with_ancestors(content.industry_codes),
        region_codes=codes.regions().with_ancestors((content.region_code,)),
        modes=content.modes,
        organisation_id=None if listing.hide_owner else listing.organisation_id,
        measures=packed(indicators),
        stated=stated(indicators),
        **texts,
        **_numbers(content),
    )


def _indicators(content: Content, texts: dict[str, Any]) -> list[AchievementIndicator | DemandIndicator]:
    """What states a number: the indicator rows, and what stands in the texts everybody may read."""
    rows = read_rows(content) if "indicators" in texts else ()
    prose = [content.title, *(text for name, text in texts.items() if name != "indicators")]
    return [*rows, *(found.as_achievement() for text in prose for found in suggest_indicators(text))]


def _texts(content: Content) -> dict[str, Any]:
    """The texts everybody who finds the document may read; details under confidentiality stay out."""
    if isinstance(content, DemandContent):
        body = "\n".join(filter(None, (content.current_state, content.limits, content.tried)))
        return {"summary": content.goal, "body": body, "indicators": _indicator_words(content.indicators)}
    if content.confidentiality != "public":
        return {"summary": content.use}
    body = "\n".join(filter(None, (content.problem, content.principle, " ".join(content.scenarios))))
    return {"summary": content.use, "body": body, "indicators": _indicator_words(content.indicators)}


def _numbers(content: Content) -> dict[str, Any]:
    if isinstance(content, AchievementContent):
        return {
            "trl": content.trl,
            "price_min_fen": content.price_min_fen,
            "price_max_fen": content.price_max_fen,
        }
    if not content.budget_public:
        return {"trl": content.wanted_trl}
    return {
        "trl": content.wanted_trl,
        "price_min_fen": content.price_min_fen,
        "price_max_fen": content.price_max_fen,
    }


def _indicator_words(indicators: Iterable[Any]) -> str:
    """The rows as text: name, value and unit, and under which condition it was measured."""
    return "；".join(
        f"{row.name} {getattr(row, 'target', '') or getattr(row, 'value', '')}{row.unit} "
        f"{getattr(row, 'condition', '')}".strip()
        for row in indicators
    )
