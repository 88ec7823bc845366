"""Reading contracts: for the parties, for the agency's queue, and the public check of a certificate."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from marketplace import attachments, identifiers
from marketplace.attachments import Attachment
from marketplace.contracts import states
from marketplace.contracts.models import Contract, ContractParty, RegistrationAgency
from marketplace.errors import NotFound
from marketplace.permissions import Actor, Permission, Role, require

WAITING = (states.SUBMITTED, states.ACCEPTED, states.FIRST_REVIEWED, states.APPROVED)
REGISTERED = (states.REGISTERED, states.CHANGED)


def find(session: Session, number: str) -> Contract:
    """The contract with this application number. Raises NotFound."""
    contract = session.scalar(_loaded().where(Contract.number == number))
    if contract is None:
        raise NotFound
    return contract


def view(session: Session, actor: Actor, number: str) -> Contract:
    """A contract for its parties and its agency. Raises NotFound for everybody else (confidential)."""
    contract = find(session, number)
    require(actor, Permission.CONTRACT_VIEW, contract.permission_subject(), view=Permission.CONTRACT_VIEW)
    return contract


def mine(session: Session, actor: Actor, *, page: int, size: int) -> tuple[list[Contract], int]:
    """The contracts of the organisations this person acts for, newest first."""
    party = select(ContractParty.contract_id).where(
        ContractParty.organisation_id.in_(actor.houses()), ContractParty.side.in_(("SELLER", "BUYER"))
    )
    query = _loaded().where(Contract.id.in_(party)).order_by(Contract.id.desc())
    return _page(session, query, page, size)


def queue(
    session: Session, actor: Actor, *, page: int, size: int, state: str | None = None
) -> tuple[list[Contract], int]:
    """What waits at the agencies this person works for, by deadline; nobody else gets any."""
    query = _queue(actor, (state,) if state in states.LABELS else WAITING)
    # Without a due day the clock has not begun: those come after the ones that run.
    order = (
        case((Contract.due_on.is_(None), 1), else_=0),
        Contract.due_on,
        Contract.submitted_at,
        Contract.id,
    )
    return _page(session, query.order_by(*order), page, size)


def queue_counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many contracts of these agencies are in each state."""
    rows = session.execute(
        select(Contract.state, func.count())
        .join(RegistrationAgency, Contract.agency_id == RegistrationAgency.id)
        .where(RegistrationAgency.organisation_id.in_(_agencies(actor)))
        .group_by(Contract.state)
    )
    return dict(rows.all())


def by_certificate(session: Session, number: str, code: str) -> Contract | None:
    """The registered contract that a certificate's number and code name; both must fit."""
    cleaned = identifiers.clean(number)
    if not identifiers.check_registration_no(cleaned).valid:
        return None
    contract = session.scalar(_loaded().where(Contract.registration_no == cleaned))
    if contract is None or contract.verification_code != identifiers.clean(code):
        return None
    return contract


def registered_since(session: Session, day: date | None) -> int:
    """How many contracts are registered, since a day or in all."""
    query = select(func.count()).select_from(Contract).where(Contract.state.in_(REGISTERED))
    return session.scalar(query.where(Contract.registered_on >= day) if day else query)


def attachment(session: Session, actor: Actor, public_id: str) -> Attachment:
    """A contract's file, for those who may see the contract. Raises NotFound otherwise."""
    found = attachments.find(session, public_id)
    if found is None or found.subject_type != "contract":
        raise NotFound
    contract = session.get_one(Contract, found.subject_id)
    require(actor, Permission.CONTRACT_VIEW, contract.permission_subject(), view=Permission.CONTRACT_VIEW)
    return found


def overdue(contract: Contract, today: date) -> bool:
    """Whether the decision is late."""
    return contract.due_on is not None and contract.due_on < today and contract.state in WAITING


def _agencies(actor: Actor) -> list[int]:
    return [m.organisation_id for m in actor.members if m.role in (Role.REGISTRAR, Role.AGENCY_HEAD)]


def _queue(actor: Actor, wanted: Sequence[str]) -> Select[tuple[Contract]]:
    return (
        _loaded()
        .join(RegistrationAgency, Contract.agency_id == RegistrationAgency.id)
        .where(RegistrationAgency.organisation_id.in_(_agencies(actor)), or_(Contract.state.in_(wanted)))
    )


def _loaded() -> Select[tuple[Contract]]:
    return select(Contract).options(
        selectinload(Contract.parties),
        selectinload(Contract.items),
        selectinload(Contract.instalments),
        joinedload(Contract.agency).joinedload(RegistrationAgency.organisation),
        joinedload(Contract.deal),
    )


def _page(session: Session, query: Select, page: int, size: int) -> tuple[list[Contract], int]:
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    return list(session.scalars(query.limit(size).offset((page - 1) * size)).unique()), total
