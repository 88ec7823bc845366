"""How people stand to records: roles, memberships, what a record says of itself, and the relations between both.

A relation turns a record into *tokens* (`org:7:unit_manager`) and a person into the tokens he holds; who may do
what is written with them in permissions.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What a membership lets a person do for an organisation (architecture decision 2)."""

    RESEARCHER = "researcher"
    UNIT_MANAGER = "unit_manager"
    ENTERPRISE_MEMBER = "enterprise_member"
    BROKER = "broker"
    REGISTRAR = "registrar"
    AGENCY_HEAD = "agency_head"
    REVIEWER_COUNTY = "reviewer_county"
    REVIEWER_LEAGUE = "reviewer_league"
    REVIEWER_REGION = "reviewer_region"
    FINANCE = "finance"
    OPERATOR = "operator"
    POLICY_STAFF = "policy_staff"
    ADMINISTRATOR = "administrator"


#: Who acts for his own organisation in trade: its listings, deals, contracts and applications. A transfer
#: agency's people are brokers; where the agency is itself a party they stand as any house's members do. Rights
#: always go with the party's organisation, so that mediating between two others gives none.
TRADING_ROLES = (Role.UNIT_MANAGER, Role.ENTERPRISE_MEMBER, Role.BROKER)


@dataclass(frozen=True)
class Member:
    """A membership as the policy sees it: person × organisation × role × jurisdiction × time."""

    id: int
    organisation_id: int
    role: Role
    region_code: str | None = None
    manages_people: bool = False
    verified: bool = True
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True)
class Actor:
    """A person with the memberships that are valid today; `user_id` None is a visitor or the system."""

    user_id: int | None = None
    members: tuple[Member, ...] = ()
    is_system: bool = False

    def roles(self) -> frozenset[Role]:
        return frozenset(member.role for member in self.members)

    def houses(self) -> list[int]:
        """The organisations this person trades for."""
        return list(dict.fromkeys(m.organisation_id for m in self.members if m.role in TRADING_ROLES))

    def member_of(self, organisation_id: int) -> Member | None:
        return next((m for m in self.members if m.organisation_id == organisation_id), None)


VISITOR = Actor()
SYSTEM = Actor(is_system=True)


@dataclass(frozen=True)
class Subject:
    """What a record tells the policy about itself.

    `people` and `organisations` name the relations ("author", "owner", "party") and their ids;
    `regions` holds the region code and its ancestors where a jurisdiction decides.
    """

    type: str
    state: str = ""
    people: dict[str, frozenset[int]] = field(default_factory=dict)
    organisations: dict[str, frozenset[int]] = field(default_factory=dict)
    regions: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Relation:
    """A way of standing to a record; both faces speak tokens."""

    name: str
    of_subject: Callable[[Subject], Iterable[str]]
    of_member: Callable[[Member], Iterable[str]] = lambda member: ()
    of_actor: Callable[[Actor], Iterable[str]] = lambda actor: ()

    def tokens_of(self, actor: Actor) -> frozenset[str]:
        tokens = set(self.of_actor(actor))
        for member in actor.members:
            tokens.update(self.of_member(member))
        return frozenset(tokens)


ANYONE = Relation("anyone", lambda s: ["public"], of_actor=lambda a: ["public"])


def person(relation: str) -> Relation:
    """The people a record names, e.g. its author."""
    return Relation(
        f"person:{relation}",
        lambda s: [f"user:{i}" for i in s.people.get(relation, ())],
        of_actor=lambda a: [f"user:{a.user_id}"] if a.user_id else [],
    )


def colleague(relation: str, *roles: Role) -> Relation:
    """Members with one of these roles in an organisation the record names."""
    return Relation(
        f"colleague:{relation}:{','.join(roles)}",
        lambda s: [f"org:{i}:{role}" for i in s.organisations.get(relation, ()) for role in roles],
        of_member=lambda m: [f"org:{m.organisation_id}:{m.role}"],
    )


def people_manager(relation: str) -> Relation:
    """Members who look after the people of an organisation the record names."""
    return Relation(
        f"people manager:{relation}",
        lambda s: [f"org:{i}:people" for i in s.organisations.get(relation, ())],
        of_member=lambda m: [f"org:{m.organisation_id}:people"] if m.manages_people else [],
    )


def staff(*roles: Role) -> Relation:
    """Anyone with one of these roles, wherever he works."""
    return Relation(
        f"staff:{','.join(roles)}",
        lambda s: [f"role:{role}" for role in roles],
        of_member=lambda m: [f"role:{m.role}"],
    )


def verified_member(*roles: Role) -> Relation:
    """Members with one of these roles in an organisation that the operator has verified."""
    return Relation(
        f"verified member:{','.join(roles)}",
        lambda s: [f"verified:{role}" for role in roles],
        of_member=lambda m: [f"verified:{m.role}"] if m.verified else [],
    )


def territorial(*roles: Role) -> Relation:
    """Staff whose jurisdiction covers the record's region (属地管理)."""
    return Relation(
        f"territorial:{','.join(roles)}",
        lambda s: [f"region:{code}:{role}" for code in s.regions for role in roles],
        of_member=lambda m: [f"region:{m.region_code}:{m.role}"] if m.region_code else [],
    )
