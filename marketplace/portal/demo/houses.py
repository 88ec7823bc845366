"""Entering the demonstration market's organisations and people, each the way the pages do."""

from datetime import datetime
from io import BytesIO

from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation, User
from marketplace.accounts.services import colleagues, installed, organisations, people
from marketplace.attachments import Storage
from marketplace.clock import legal_day
from marketplace.permissions import Actor, Role
from marketplace.portal.demo.documents import PASSWORD, House, Person, Seed
from marketplace.portal.demo.evidence import pdf

_DECISIONS = {"verified": "verify", "returned": "return"}


def enter(session: Session, storage: Storage, seed: Seed, *, now: datetime) -> int:
    """Enter every organisation that is not here yet, with its people; returns how many were."""
    missing = [
        house
        for house in seed.houses
        if organisations.find_by_credit_code(session, house.values["credit_code"]) is None
    ]
    for house in missing:
        if house.values["organisation_type"] in installed.OFFICES:
            _install(session, house, now)
    operator = _operator(session, seed, now) if missing else None
    for house in missing:
        if house.values["organisation_type"] not in installed.OFFICES:
            _register(session, storage, house, operator, now)
    return len(missing)


def actor(session: Session, address: str, now: datetime) -> Actor:
    """The person with this address as the policy sees him on the day."""
    session.flush()
    session.expire_all()
    user = people.find_by_address(session, address)
    return people.actor_of(people.load(session, user.id), legal_day(now))


def _install(session: Session, house: House, now: datetime) -> None:
    """An office: entered by the installation, its staff appointed."""
    office = installed.enter(session, house.values, now=now)
    for person in house.people:
        colleagues.appoint(
            session,
            _account(session, person, now).id,
            office.id,
            person.role,
            now=now,
            region_code=person.jurisdiction,
        )


def _register(session: Session, storage: Storage, house: House, operator: Actor, now: datetime) -> None:
    """An organisation: entered by its first person, looked at by the operator, then joined by the others."""
    first, *others = house.people
    _account(session, first, now)
    data = dict(house.values)
    entered = organisations.register(session, actor(session, first.address, now), data, now=now)
    _ask_for_verification(session, storage, house, entered, now)
    if house.state in _DECISIONS:
        action = _DECISIONS[house.state]
        reason = house.reason or None
        organisations.decide(
            session, operator, entered.id, action, version=entered.version, now=now, reason=reason
        )
    for person in others:
        _join(session, entered, first, person, now)


def _ask_for_verification(
    session: Session, storage: Storage, house: House, entered: Organisation, now: datetime
) -> None:
    licence = pdf(
        ("示例证照（仅供演示）", house.values["name"], f"统一社会信用代码 {house.values['credit_code']}")
    )
    organisations.submit(
        session,
        actor(session, house.people[0].address, now),
        entered.id,
        storage,
        BytesIO(licence),
        "证照.pdf",
        version=entered.version,
        now=now,
    )


def _join(session: Session, entered: Organisation, first: Person, person: Person, now: datetime) -> None:
    """A colleague: invited by the people manager, accepting himself."""
    _account(session, person, now)
    invitation = colleagues.invite(
        session, actor(session, first.address, now), entered.id, person.address, person.role, now=now
    )
    colleagues.accept_invitation(session, actor(session, person.address, now), invitation.id, now=now)


def _account(session: Session, person: Person, now: datetime) -> User:
    known = people.find_by_address(session, person.address)
    return known or people.register(
        session, name=person.name, address=person.address, password=PASSWORD, consent=True, now=now
    )


def _operator(session: Session, seed: Seed, now: datetime) -> Actor:
    address = next(p.address for h in seed.houses for p in h.people if p.role is Role.OPERATOR)
    return actor(session, address, now)
