"""Imported listings: what a row must say, and storing many at once through the same two state machines.

A row is found again by (source, its id there). One whose text changed becomes a new revision, unless a
person has taken the listing in hand meanwhile. Everything here is quiet: no notice, no mail.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, load_only

from marketplace import audit, identifiers
from marketplace.accounts.models import Organisation
from marketplace.accounts.services import installed, organisations
from marketplace.accounts.states import VERIFIED
from marketplace.clock import legal_day
from marketplace.errors import N_, BadRequest, Conflict
from marketplace.importing.mapping import RowMapping
from marketplace.importing.problems import Finding
from marketplace.importing.runner import Judged, Record, Stored
from marketplace.listings import completeness, states
from marketplace.listings.content import CONTENT_TYPES, Content, Kind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.listings.services import bulk_publication, right_numbers
from marketplace.listings.services.bulk_publication import Publication
from marketplace.listings.services.drafts import new_numbers
from marketplace.listings.services.import_fields import fields_of
from marketplace.permissions import SYSTEM

#: Where files with columns named as the fields belong when nobody names an organisation.
DEFAULT_SOURCE = "批量导入"
_WHOLE_REGION = "150000"
_TITLE_FROM_TEXT = 40

#: What would mend a defect, and the field it is about (empty: the text of the kind).
_TEXT_FIELDS = {Kind.ACHIEVEMENT: "principle", Kind.DEMAND: "goal"}
_REMEDIES = {
    "price_negotiable": ("price", "补上区间，如 面议（45万元-60万元）"),
    "no_price": ("price", "补上价格或预算，如 45万元-60万元"),
    "no_description": ("", "补上说明文字，至少写清用途或要求"),
    "past_validity": ("validity", "由发布方确认是否仍然有效；导入当天起重新计算“最近确认”"),
    "no_field": ("field_codes", "补上技术领域，如 新材料及其应用"),
    "no_mode": ("modes", "补上合作方式，如 普通许可"),
}


class Outcome(StrEnum):
    """What became of a row."""

    NEW = "new"
    CHANGED = "changed"
    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    LEFT = "left alone"


@dataclass(frozen=True)
class _Known:
    """A listing that is here already: its last revision, and the last one that an import made."""

    listing: Listing
    last: ListingRevision
    imported: ListingRevision

    @property
    def taken_in_hand(self) -> bool:
        """Whether a person wrote or withdrew it since the import."""
        written = self.last.author_id is not None or self.listing.author_id is not None
        return written or self.listing.state == states.WITHDRAWN

    def says(self, content: Content) -> bool:
        return self.imported.typed_content() == content


def owner_by_code(session: Session, code: str) -> Organisation:
    """The organisation an import is for, by credit code. Raises BadRequest with what would be right."""
    check = identifiers.check_credit_code(code)
    if not check.valid:
        raise BadRequest(identifiers.reason_sentence("credit_code", check.reasons[0]))
    found = organisations.find_by_credit_code(session, check.normalised)
    if found is None or found.state != VERIFIED:
        raise BadRequest(
            N_("平台上没有代码为 %(code)s 的已认证单位。请先登记并认证这个单位。"), code=check.normalised
        )
    return found


def owner_finder(
    mapping: RowMapping, code: str | None, *, now: datetime
) -> Callable[[Session], Organisation]:
    """How a batch finds whom its listings belong to: by credit code, else by the mapping's source."""
    if code:
        return lambda session: owner_by_code(session, code)
    region = mapping.region or _WHOLE_REGION
    return lambda session: installed.ensure_source(session, mapping.source, region, now=now)


class ListingSink:
    """The listings' part of an import: judges rows, stores batches. One per run."""

    def __init__(
        self,
        mapping: RowMapping,
        owner: Callable[[Session], Organisation],
        *,
        publish: bool,
        now: datetime,
        facts: Mapping[str, object],
    ):
        self._mapping = mapping
        self._kind = Kind(mapping.kind)
        self._owner = owner
        self._organisation_id = 0
        self._publish = publish
        self._now = now
        self._facts = facts
        self._audited = False
        self._labels = {name: field.label for name, field in fields_of(self._kind).items()}

    def judge(self, record: Record) -> Judged:
        """The content of a row with its defects; None for a row without title and text."""
        content = CONTENT_TYPES[self._kind](**record.values)
        if not content.title and not content.text.strip():
            found = Finding(
                record.row,
                record.key,
                self._column("title"),
                "既没有标题也没有说明文字",
                "至少填写标题",
                kept=False,
            )
            return Judged(record, None, (found,))
        findings = []
        if not content.title:
            content = replace(content, title=" ".join(content.text.split())[:_TITLE_FROM_TEXT])
            findings.append(self._finding(record, "title", "没有标题，用说明文字的开头代替", "补上标题"))
        for defect in completeness.defects(content, legal_day(self._now)):
            field, right = _REMEDIES[defect]
            field = field or _TEXT_FIELDS[self._kind]
            findings.append(self._finding(record, field, completeness.DEFECT_LABELS[defect], right))
        return Judged(record, content, tuple(findings))

    def store(self, session: Session, accepted: Sequence[Judged]) -> Stored:
        """Store a batch: new listings, new revisions of changed ones, and what waits to be published."""
        stored = Stored()
        if not accepted:
            return stored
        self._organisation_id = self._owner(session).id
        known = self._known(session, [judged.record.key for judged in accepted])
        fresh, changed, publications = [], [], []
        for judged in accepted:
            outcome = self._outcome(judged, known.get(judged.record.key), stored)
            stored.counts[outcome] += 1
            if outcome is Outcome.NEW:
                fresh.append(judged)
            elif outcome is Outcome.CHANGED:
                changed.append((judged, known[judged.record.key]))
            elif outcome is Outcome.PUBLISHED:
                one = known[judged.record.key]
                publications.append(Publication(one.listing.id, one.imported.id, judged.content))
        publications += self._add_listings(session, fresh) + self._add_revisions(session, changed)
        if self._publish:
            bulk_publication.publish_imported(session, publications, now=self._now)
        self._record(session, stored.counts)
        return stored

    def _outcome(self, judged: Judged, known: _Known | None, stored: Stored) -> Outcome:
        if known is None:
            return Outcome.NEW
        if known.listing.organisation_id != self._organisation_id:
            stored.findings.append(self._left(judged, "这个编号已属于另一单位", "核对来源名称和编号"))
            return Outcome.LEFT
        if known.says(judged.content):
            waits = known.last.state == states.DRAFT and not known.taken_in_hand
            return Outcome.PUBLISHED if self._publish and waits else Outcome.UNCHANGED
        if known.taken_in_hand:
            right = "在平台上核对后自行修改"
            stored.findings.append(self._left(judged, "来源有变化，但平台上已有人修改或下架，未覆盖", right))
            return Outcome.LEFT
        return Outcome.CHANGED

    def _known(self, session: Session, keys: Sequence[str]) -> dict[str, _Known]:
        listings = session.scalars(
            select(Listing)
            .where(Listing.source == self._mapping.source, Listing.source_id.in_(keys))
            .order_by(Listing.id)
            .with_for_update()
        ).all()
        revisions: dict[int, list[ListingRevision]] = {}
        for revision in session.scalars(
            select(ListingRevision)
            .where(ListingRevision.listing_id.in_([listing.id for listing in listings]))
            .options(load_only(ListingRevision.author_id, ListingRevision.content, ListingRevision.state))
            .order_by(ListingRevision.listing_id, ListingRevision.number)
        ):
            revisions.setdefault(revision.listing_id, []).append(revision)
        return {listing.source_id: _known_of(listing, revisions[listing.id]) for listing in listings}

    def _add_listings(self, session: Session, fresh: Sequence[Judged]) -> list[Publication]:
        """New listings with their first drafts, by two bulk inserts."""
        if not fresh:
            return []
        numbers = new_numbers(session, self._kind, len(fresh), now=self._now)
        rows = [self._listing_row(*pair) for pair in zip(fresh, numbers, strict=True)]
        try:
            session.execute(insert(Listing.__table__), rows)
        except IntegrityError as error:
            raise Conflict(N_("另一个导入正在写入同一来源。请等它结束后再运行一次。")) from error
        keys = [judged.record.key for judged in fresh]
        ids = dict(
            session.execute(
                select(Listing.source_id, Listing.id).where(
                    Listing.source == self._mapping.source, Listing.source_id.in_(keys)
                )
            ).all()
        )
        return self._add_drafts(session, [(ids[j.record.key], 1, j.content) for j in fresh])

    def _add_revisions(self, session: Session, changed: Sequence[tuple[Judged, _Known]]) -> list[Publication]:
        return self._add_drafts(
            session, [(known.listing.id, known.last.number + 1, judged.content) for judged, known in changed]
        )

    def _add_drafts(self, session: Session, drafts: Iterable[tuple[int, int, Content]]) -> list[Publication]:
        """Draft revisions, given as (listing, number, content)."""
        contents = {(listing, number): content for listing, number, content in drafts}
        if not contents:
            return []
        rows = [
            self._revision_row(listing, number, content) for (listing, number), content in contents.items()
        ]
        session.execute(insert(ListingRevision.__table__), rows)
        # What the accepted revisions name stays until the new ones are accepted.
        named = {listing: right_numbers.numbers_of(content) for (listing, _), content in contents.items()}
        right_numbers.note_all(session, named, also=True)
        table = ListingRevision
        found = session.execute(
            select(table.id, table.listing_id, table.number).where(
                table.listing_id.in_([listing for listing, _number in contents])
            )
        )
        return [
            Publication(listing, revision, contents[listing, number])
            for revision, listing, number in found
            if (listing, number) in contents
        ]

    def _listing_row(self, judged: Judged, number: str) -> dict[str, object]:
        return {
            "number": number,
            "kind": self._kind,
            "organisation_id": self._organisation_id,
            "state": states.UNPUBLISHED,
            "limited": False,
            "hide_owner": False,
            "source": self._mapping.source,
            "source_id": judged.record.key,
            "created_at": self._now,
            "version": 1,
        }

    def _revision_row(self, listing: int, number: int, content: Content) -> dict[str, object]:
        return {
            "listing_id": listing,
            "number": number,
            "state": states.DRAFT,
            "title": content.title,
            "content": content.to_json(),
            "created_at": self._now,
            "version": 1,
        }

    def _record(self, session: Session, counts: Counter) -> None:
        """One audit row per run, with the first batch that writes something."""
        if self._audited or not any(counts[o] for o in (Outcome.NEW, Outcome.CHANGED, Outcome.PUBLISHED)):
            return
        self._audited = True
        audit.record(
            session,
            SYSTEM,
            "listings.import",
            "organisation",
            self._organisation_id,
            now=self._now,
            source=self._mapping.source,
            kind=str(self._kind),
            publish=self._publish,
            **self._facts,
        )

    def _finding(self, record: Record, field: str, wrong: str, right: str) -> Finding:
        return Finding(record.row, record.key, self._column(field), wrong, right)

    def _left(self, judged: Judged, wrong: str, right: str) -> Finding:
        return Finding(judged.record.row, judged.record.key, self._mapping.id_column, wrong, right)

    def _column(self, field: str) -> str:
        """The column to look at; the field's Chinese name where the file has none for it."""
        return self._mapping.column_of(field) or self._labels[field]


def _known_of(listing: Listing, revisions: list[ListingRevision]) -> _Known:
    imported = [revision for revision in revisions if revision.author_id is None]
    return _Known(listing, revisions[-1], imported[-1])
