"""Reading batches and applications: for applicants, for the queue of each level, for everybody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace import attachments, codes
from marketplace.accounts.models import User
from marketplace.attachments import Attachment
from marketplace.contracts.models import Contract, ContractParty
from marketplace.contracts.services import payments
from marketplace.contracts.services import reading as contracts
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission, Role, can, require
from marketplace.subsidies import states
from marketplace.subsidies.models import (
    PaymentClaim,
    SubsidyApplication,
    SubsidyBatch,
    SubsidyCalculation,
    SubsidyRun,
)
from marketplace.subsidies.services import calculation

#: On the public list: what is or was published and not refused.
PUBLIC = (*states.PUBLISHED, states.APPROVED)


@dataclass(frozen=True)
class Level:
    """One level of review: whose role looks at which state."""

    name: str
    role: Role
    state: str
    territorial: bool


LEVELS = (
    Level("county", Role.REVIEWER_COUNTY, states.SUBMITTED, True),
    Level("league", Role.REVIEWER_LEAGUE, states.COUNTY_PASSED, True),
    Level("region", Role.REVIEWER_REGION, states.RECOMMENDED, False),
    Level("finance", Role.FINANCE, states.ACCEPTED, False),
    Level("objection", Role.REVIEWER_REGION, states.OBJECTED, False),
)


@dataclass(frozen=True)
class StateSum:
    """How many applications of a batch are in a state, and what they ask for (fen, newest calculation)."""

    count: int
    amount_fen: int


def find(session: Session, number: str) -> SubsidyApplication:
    """The application with this number. Raises NotFound."""
    found = session.scalar(_loaded().where(SubsidyApplication.number == number))
    if found is None:
        raise NotFound
    return found


def view(session: Session, actor: Actor, number: str) -> SubsidyApplication:
    """An application for its applicant and its reviewers. Raises NotFound for everybody else."""
    found = find(session, number)
    require(actor, Permission.SUBSIDY_VIEW, found.permission_subject(), view=Permission.SUBSIDY_VIEW)
    return found


def batch(session: Session, number: str) -> SubsidyBatch:
    """The batch with this number. Raises NotFound."""
    found = session.scalar(select(SubsidyBatch).where(SubsidyBatch.number == number))
    if found is None:
        raise NotFound
    return found


def batches(session: Session, *, page: int, size: int) -> tuple[list[SubsidyBatch], int]:
    """All batches, the newest first."""
    query = select(SubsidyBatch).order_by(SubsidyBatch.programme_year.desc(), SubsidyBatch.id.desc())
    total = session.scalar(select(func.count()).select_from(SubsidyBatch))
    return list(session.scalars(query.limit(size).offset((page - 1) * size))), total


def taking(session: Session, today: date, *, limit: int = 50) -> list[SubsidyBatch]:
    """Batches that take applications today, the one that closes first first."""
    query = select(SubsidyBatch).where(SubsidyBatch.opens_on <= today, SubsidyBatch.closes_on >= today)
    return list(session.scalars(query.order_by(SubsidyBatch.closes_on, SubsidyBatch.id).limit(limit)))


def award(session: Session, actor: Actor, number: str) -> SubsidyApplication:
    """An approved application, for those who may see it. Raises NotFound."""
    found = view(session, actor, number)
    if found.state != states.APPROVED:
        raise NotFound
    return found


def mine(session: Session, actor: Actor, *, page: int, size: int) -> tuple[list[SubsidyApplication], int]:
    """The applications of the organisations this person acts for, the newest first."""
    query = _loaded().where(SubsidyApplication.applicant_id.in_(actor.houses()))
    return _page(session, query.order_by(SubsidyApplication.id.desc()), page, size)


def fundable_contracts(session: Session, actor: Actor, *, limit: int = 200) -> list[tuple[Contract, str]]:
    """Registered contracts this person may apply for, each with the arm of his side, newest first."""
    rows = session.execute(
        select(Contract, ContractParty.side)
        .join(ContractParty, ContractParty.contract_id == Contract.id)
        .where(
            Contract.state.in_(contracts.REGISTERED),
            ContractParty.organisation_id.in_(actor.houses()),
            ContractParty.side.in_(("BUYER", "SELLER")),
        )
        .order_by(Contract.registered_on.desc(), Contract.id.desc())
        .limit(limit)
    )
    return list(dict.fromkeys((contract, side) for contract, side in rows))


def begun(
    session: Session, contracts: Iterable[Contract], batches: Iterable[SubsidyBatch]
) -> list[SubsidyApplication]:
    """Applications for these contracts in these batches, by number: no second one can be started."""
    query = select(SubsidyApplication).where(
        SubsidyApplication.contract_id.in_([contract.id for contract in contracts]),
        SubsidyApplication.batch_id.in_([batch.id for batch in batches]),
    )
    return list(session.scalars(query.order_by(SubsidyApplication.number)))


def levels_of(actor: Actor) -> list[Level]:
    """The levels this person reviews."""
    return [level for level in LEVELS if level.role in actor.roles()]


def queue(
    session: Session, actor: Actor, level: Level, *, page: int, size: int
) -> tuple[list[SubsidyApplication], int]:
    """What waits for this person at a level, first come first; nothing for anybody else."""
    query = _loaded().where(_waiting(actor, level))
    order = (SubsidyApplication.applied_on, SubsidyApplication.number)
    return _page(session, query.order_by(*order), page, size)


def queue_counts(session: Session, actor: Actor) -> dict[str, int]:
    """Level → how many applications wait for this person there. One query."""
    levels = levels_of(actor)
    if not levels:
        return {}
    columns = [func.count().filter(_waiting(actor, level)).label(level.name) for level in levels]
    row = session.execute(select(*columns).select_from(SubsidyApplication)).one()
    return {level.name: getattr(row, level.name) for level in levels}


def sums(session: Session, batch_id: int) -> dict[str, StateSum]:
    """State → number and amount of a batch's applications, by their newest calculation."""
    newest = (
        select(SubsidyCalculation.application_id, func.max(SubsidyCalculation.id).label("id"))
        .join(SubsidyApplication, SubsidyApplication.id == SubsidyCalculation.application_id)
        .where(SubsidyApplication.batch_id == batch_id)
        .group_by(SubsidyCalculation.application_id)
        .subquery()
    )
    amount = func.coalesce(func.sum(SubsidyCalculation.award_fen), 0)
    rows = session.execute(
        select(SubsidyApplication.state, func.count(), amount)
        .outerjoin(newest, newest.c.application_id == SubsidyApplication.id)
        .outerjoin(SubsidyCalculation, SubsidyCalculation.id == newest.c.id)
        .where(SubsidyApplication.batch_id == batch_id)
        .group_by(SubsidyApplication.state)
    )
    return {state: StateSum(count, int(fen)) for state, count, fen in rows}


def of_batch(
    session: Session, batch_id: int, state: str | None, *, page: int, size: int
) -> tuple[list[SubsidyApplication], int]:
    """Applications of a batch that have been handed in, in one state or in all; as the yearly cap orders them."""
    query = _loaded().where(SubsidyApplication.batch_id == batch_id, SubsidyApplication.state != states.DRAFT)
    if state is not None:
        query = query.where(SubsidyApplication.state == state)
    order = (Contract.registered_on, Contract.registration_no, SubsidyApplication.number)
    query = query.join(Contract, Contract.id == SubsidyApplication.contract_id).order_by(*order)
    return _page(session, query, page, size)


def in_states(session: Session, batch_id: int, wanted: Sequence[str]) -> list[SubsidyApplication]:
    """All applications of a batch in these states, by number."""
    query = _loaded().where(SubsidyApplication.batch_id == batch_id, SubsidyApplication.state.in_(wanted))
    return list(session.scalars(query.order_by(SubsidyApplication.number)))


def public_list(
    session: Session, found: SubsidyBatch, *, page: int, size: int
) -> tuple[list[tuple[SubsidyApplication, SubsidyCalculation]], int]:
    """What everybody may read of a batch's lists, each with the calculation that was published.

    What is in publicity now comes first, then what earlier lists led to.
    """
    query = _loaded().where(SubsidyApplication.batch_id == found.id, SubsidyApplication.state.in_(PUBLIC))
    order = (SubsidyApplication.state == states.APPROVED, SubsidyApplication.number)
    rows, total = _page(session, query.order_by(*order), page, size)
    published = calculation.latest(session, [a.id for a in rows], calculation.PROPOSED, calculation.FINAL)
    return [(a, published[a.id]) for a in rows], total


def published_batches(session: Session, *, page: int, size: int) -> tuple[list[SubsidyBatch], int]:
    """Batches with a list that was published, the newest first."""
    query = select(SubsidyBatch).where(SubsidyBatch.published_on.is_not(None))
    total = session.scalar(select(func.count()).select_from(query.subquery()))
    ordered = query.order_by(SubsidyBatch.published_on.desc(), SubsidyBatch.id.desc())
    return list(session.scalars(ordered.limit(size).offset((page - 1) * size))), total


def evidence(session: Session, actor: Actor, public_id: str) -> Attachment:
    """A scan of a payment or a signed contract: for the parties, and for reviewers of an application for it.

    Raises NotFound for everybody else.
    """
    attachment = attachments.find(session, public_id)
    if attachment is None:
        raise NotFound
    payment = payments.payment_of_file(session, attachment)
    if payment is None and attachment.subject_type != "contract":
        raise NotFound
    contract = session.get_one(Contract, payment.contract_id if payment else attachment.subject_id)
    if can(actor, Permission.CONTRACT_VIEW, contract.permission_subject()):
        return attachment
    if any(
        can(actor, Permission.SUBSIDY_VIEW, a.permission_subject())
        for a in _claiming(session, contract, payment)
    ):
        return attachment
    raise NotFound


def runs(session: Session, application_id: int) -> list[SubsidyCalculation]:
    """Every stored calculation of an application, the newest first."""
    query = (
        select(SubsidyCalculation)
        .join(SubsidyRun)
        .where(SubsidyCalculation.application_id == application_id)
        .options(joinedload(SubsidyCalculation.run))
        .order_by(SubsidyCalculation.id.desc())
    )
    return list(session.scalars(query))


def names(session: Session, user_ids: Iterable[int | None]) -> dict[int, str]:
    """The names of the people who took the steps of a history."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(wanted))).all())


def _claiming(session: Session, contract: Contract, payment) -> list[SubsidyApplication]:
    """Applications for the contract; of a payment's file, those that claim the payment."""
    query = select(SubsidyApplication).where(SubsidyApplication.contract_id == contract.id)
    if payment is not None:
        claims = select(PaymentClaim.application_id).where(PaymentClaim.payment_id == payment.id)
        query = query.where(SubsidyApplication.id.in_(claims))
    return list(session.scalars(query))


def _waiting(actor: Actor, level: Level):
    """The condition of a level's queue: its state, and the jurisdictions of this person where they decide."""
    members = [m for m in actor.members if m.role == level.role]
    if not members:
        return false()
    here = SubsidyApplication.state == level.state
    if not level.territorial:
        return here
    places = [SubsidyApplication.region_code.in_(_below(m.region_code)) for m in members if m.region_code]
    return and_(here, or_(false(), *places))


@cache
def _below(region_code: str) -> list[str]:
    """A region with everything in it."""
    regions = codes.regions()
    return [code.code for code in regions if region_code in regions.path(code.code)]


def _loaded() -> Select[tuple[SubsidyApplication]]:
    return select(SubsidyApplication).options(
        joinedload(SubsidyApplication.batch),
        joinedload(SubsidyApplication.applicant),
        joinedload(SubsidyApplication.contract).selectinload(Contract.parties),
        joinedload(SubsidyApplication.estimate),
        joinedload(SubsidyApplication.final),
        selectinload(SubsidyApplication.claims).joinedload(PaymentClaim.payment),
    )


def _page(session: Session, query: Select, page: int, size: int) -> tuple[list, int]:
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    return list(session.scalars(query.limit(size).offset((page - 1) * size))), total
