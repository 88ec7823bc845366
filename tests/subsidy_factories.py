"""An invented world for subsidy tests: reviewers of every level, registered contracts, payments, applications.

Contracts are written as rows (their own way is tested elsewhere); everything of the subsidy goes through the
services that the pages use.
"""

import io
import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.attachments import Storage
from marketplace.config import LEGAL_ZONE
from marketplace.contracts.models import Contract, ContractParty, ContractPayment
from marketplace.contracts.services import payments
from marketplace.contracts.services.payments import PaymentFields
from marketplace.permissions import Actor, Role
from marketplace.subsidies.models import SubsidyApplication, SubsidyBatch
from marketplace.subsidies.services import applications, batches, reading, review
from marketplace.subsidies.services.applications import Declaration
from tests import factories

_numbers = itertools.count(1)
PDF = b"%PDF-1.7 scan"
COMMITTED = Declaration(no_related=True, no_duplicate=True)
YUAN = 100


def at(day: str) -> datetime:
    """Ten in the morning of a legal day."""
    return datetime.fromisoformat(day).replace(tzinfo=LEGAL_ZONE, hour=10)


@dataclass
class Bureau:
    """The offices that review, each with one person; their places follow the applicants' (Baotou, Kundulun)."""

    county: Actor
    league: Actor
    region: Actor
    finance: Actor


def bureau(session: Session, *, now: datetime) -> Bureau:
    """Reviewers of every level."""
    office = factories.organisation(session, now=now, kind="government")
    people = {
        "county": (Role.REVIEWER_COUNTY, "150203"),
        "league": (Role.REVIEWER_LEAGUE, "150200"),
        "region": (Role.REVIEWER_REGION, "150000"),
        "finance": (Role.FINANCE, "150000"),
    }
    return Bureau(
        **{
            name: factories.actor(session, role, office, now=now, region_code=region)
            for name, (role, region) in people.items()
        }
    )


@dataclass
class Enterprise:
    """A buyer with one of its people."""

    house: Organisation
    member: Actor


def enterprise(session: Session, *, now: datetime) -> Enterprise:
    """An enterprise of the region."""
    house = factories.organisation(session, now=now)
    return Enterprise(house, factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now))


def contract(
    session: Session,
    buyer: Organisation,
    seller: Organisation,
    *,
    technical: int,
    total: int | None = None,
    registered_on: date = date(2025, 12, 1),
    **changes,
) -> Contract:
    """A registered contract; amounts in fen."""
    place = next(_numbers)
    fields = {
        "number": f"S2025-{place:05d}",
        "source": "PLATFORM",
        "state": "REGISTERED",
        "title": f"示例高炉风口耐磨涂层技术许可 {place}",
        "contract_class": "LICENSE",
        "contract_subtype": "31",
        "total_amount_fen": total or technical,
        "technical_amount_fen": technical,
        "payment_mode": "INSTALMENTS",
        "sign_date": date(2021, 1, 5),
        "registration_no": f"2025150201{place:06d}",
        "registered_on": registered_on,
        "verification_code": "A1B2C3D4",
        "created_at": at("2021-01-05"),
        **changes,
    }
    made = Contract(**fields)
    made.parties = [_party(seller, "SELLER", "licensor"), _party(buyer, "BUYER", "licensee")]
    session.add(made)
    session.flush()
    return made


def _party(house: Organisation, side: str, role: str) -> ContractParty:
    return ContractParty(
        side=side,
        role=role,
        organisation_id=house.id,
        name=house.name,
        credit_code=house.credit_code,
        party_kind=house.party_kind,
        region_code=house.registration_region,
        tax_region=house.tax_region,
        representative=house.legal_representative or "",
    )


def fields(amount: int, day: str, **changes) -> PaymentFields:
    """A payment wholly for technology unless changed; amounts in fen."""
    place = next(_numbers)
    given = {
        "voucher_no": f"HD{place:08d}",
        "invoice_no": f"FP{place:08d}",
        "paid_on": date.fromisoformat(day),
        "amount_fen": amount,
        "bank_tech_fen": amount,
        "invoice_tech_fen": amount,
        **changes,
    }
    return PaymentFields(**given)


def pay(
    session: Session,
    storage: Storage,
    member: Actor,
    found: Contract,
    amount: int,
    day: str,
    *,
    now: datetime,
    scans: bool = True,
    **changes,
) -> ContractPayment:
    """A payment entered by the buyer, with its two scans."""
    made = payments.enter(session, member, found.number, fields(amount, day, **changes), now=now)
    for slot in payments.SLOTS if scans else ():
        payments.attach(
            session, storage, member, found.number, made.id, slot, io.BytesIO(PDF), f"{slot}.pdf", now=now
        )
    return made


def batch(session: Session, region: Actor, *, year: int = 2027, now: datetime, **changes) -> SubsidyBatch:
    """A batch that takes applications for a month around now."""
    given = {
        "title": f"{year} 年度示例技术交易后补助",
        "opens_on": now.date().replace(day=1),
        "closes_on": now.date().replace(day=28),
        **changes,
    }
    return batches.open_batch(session, region, programme_year=year, now=now, **given)


def apply(
    session: Session,
    member: Actor,
    found: SubsidyBatch,
    about: Contract,
    *,
    now: datetime,
    arm: str = "BUYER",
    declaration: Declaration = COMMITTED,
) -> SubsidyApplication:
    """Started, everything claimed that is offered, handed in."""
    made = applications.start(session, member, found.number, about.number, arm, now=now)
    offered = [c.payment.id for c in applications.choices(session, made) if c.offered]
    applications.save(session, member, made.number, offered, declaration, version=made.version, now=now)
    return applications.submit(session, member, made.number, version=made.version, now=now)


def to_finance(session: Session, office: Bureau, made: SubsidyApplication, *, now: datetime) -> None:
    """Through county, league and region."""
    for reviewer in (office.county, office.league, office.region):
        review.advance(session, reviewer, made.number, "材料齐全", version=made.version, now=now)


def verify(
    session: Session, office: Bureau, made: SubsidyApplication, *, now: datetime, refused: dict | None = None
) -> None:
    """Finance decides on every voucher; `refused` maps voucher numbers to reasons."""
    for claim in made.claims:
        payment = claim.payment
        reason = (refused or {}).get(payment.voucher_no)
        verdict = payments.REJECTED if reason else payments.VERIFIED
        review.decide_payment(
            session,
            office.finance,
            made.number,
            payment.id,
            verdict,
            reason,
            version=payment.version,
            now=now,
        )


def checked(session: Session, office: Bureau, made: SubsidyApplication, *, now: datetime, **more) -> None:
    """All the way through finance."""
    to_finance(session, office, made, now=now)
    verify(session, office, made, now=now, **more)
    review.advance(session, office.finance, made.number, "凭证核验无误", version=made.version, now=now)


def awarded(session: Session, office: Bureau, found: SubsidyBatch, *, now: datetime) -> SubsidyBatch:
    """List drawn up, published, and approved on the day after its last one."""
    for act in (batches.propose, batches.publish):
        act(session, office.region, found.number, version=found.version, now=now)
    day_after = at(found.publicity_last_day.isoformat()) + timedelta(days=1)
    return batches.approve(session, office.region, found.number, version=found.version, now=day_after)


def reread(session: Session, number: str) -> SubsidyApplication:
    """The application as it is stored."""
    session.flush()
    session.expire_all()
    return reading.find(session, number)


class Town:
    """One contract of 8,000,000.00 yuan between a buyer and a seller, one batch of 2027, offices for all levels."""

    def __init__(self, session: Session, storage: Storage, now: datetime):
        self.session, self.storage, self.now = session, storage, now
        self.office = bureau(session, now=now)
        self.buyer = enterprise(session, now=now)
        self.seller = enterprise(session, now=now)
        self.contract = contract(session, self.buyer.house, self.seller.house, technical=8_000_000 * YUAN)
        self.batch = batch(session, self.office.region, now=now)

    def back_in(self, session: Session) -> None:
        """Go on in another transaction: read again what was kept from the last one."""
        self.session = session
        for holder, name in (
            (self, "contract"),
            (self, "batch"),
            (self.buyer, "house"),
            (self.seller, "house"),
        ):
            kept = getattr(holder, name)
            setattr(holder, name, session.get_one(type(kept), inspect(kept).identity))

    def pay(self, amount: int = 1_000_000 * YUAN, day: str = "2026-02-10", **changes) -> ContractPayment:
        """A payment on the contract."""
        member = self.buyer.member
        return pay(self.session, self.storage, member, self.contract, amount, day, now=self.now, **changes)

    def draft(self) -> SubsidyApplication:
        """An application begun by the buyer."""
        return applications.start(
            self.session, self.buyer.member, self.batch.number, self.contract.number, "BUYER", now=self.now
        )

    def handed_in(self) -> SubsidyApplication:
        """An application with one more payment of a million, handed in."""
        self.pay()
        return apply(self.session, self.buyer.member, self.batch, self.contract, now=self.now)

    def another(
        self, amount: int = 1_000_000 * YUAN, found: SubsidyBatch | None = None
    ) -> SubsidyApplication:
        """Another enterprise's application in the batch, handed in."""
        other = enterprise(self.session, now=self.now)
        about = contract(self.session, other.house, self.seller.house, technical=20 * amount)
        pay(self.session, self.storage, other.member, about, amount, "2026-02-01", now=self.now)
        return apply(self.session, other.member, found or self.batch, about, now=self.now)

    def act(self, act, when: datetime | None = None, **more) -> SubsidyBatch:
        """An act of the region on the batch."""
        return act(
            self.session,
            self.office.region,
            self.batch.number,
            version=self.batch.version,
            now=when or self.now,
            **more,
        )
