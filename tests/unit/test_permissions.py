"""Who may do what: every role in every relation to every state, against a table spelled out by hand.

The expected table is written in words of its own, so that a slip in the policy is a difference and not a copy.
"""

import itertools

import pytest

from marketplace import permissions
from marketplace.errors import Forbidden, NotFound
from marketplace.permissions import (
    MARKET,
    SYSTEM,
    VISITOR,
    Actor,
    Member,
    Permission,
    Role,
    Subject,
    can,
    carrying_member,
    require,
    scopes_of_actor,
    scopes_of_object,
)

OWN, OTHER, ME, REGIONS = 7, 8, 1, frozenset({"150203", "150200", "150000"})
HANDED_IN = (
    "SUBMITTED",
    "COUNTY_PASSED",
    "RECOMMENDED",
    "ACCEPTED",
    "FINANCE_CHECKED",
    "PROPOSED",
    "PUBLICIZED",
    "OBJECTED",
    "APPROVED",
    "RETURNED",
    "REJECTED",
)
STATES = {
    "listing": ("unpublished", "published", "published_limited", "paused", "withdrawn", "lapsed"),
    "revision": ("draft", "unit_approval", "staff_review", "accepted", "returned"),
    "organisation": ("unverified", "submitted", "verified", "returned", "suspended"),
    "identity_change": ("submitted", "accepted", "refused", "withdrawn"),
    "deal": ("open", "agreed", "closed"),
    "contract": ("DRAFT", "SUBMITTED", "REGISTERED", "CHANGED", "REVOKED"),
    "price_publicity": ("draft", "publicizing", "objected", "confirmed", "signed", "interrupted"),
    "subsidy_application": ("DRAFT", *HANDED_IN),
    "subsidy_batch": ("open", "closed"),
    "saved_search": ("",),
    "demand_cluster": ("proposed", "asking", "published", "closed"),
    "cluster_member": ("unasked", "asking", "published"),
    "cluster_response": ("received", "forwarded", "set_aside"),
}
ALL = object()
TRADERS = {Role.RESEARCHER, Role.UNIT_MANAGER, Role.ENTERPRISE_MEMBER, Role.BROKER}
HOUSE = {Role.UNIT_MANAGER, Role.ENTERPRISE_MEMBER, Role.BROKER}
PARTIES = {Role.UNIT_MANAGER, Role.ENTERPRISE_MEMBER, Role.BROKER}
AGENCY = {Role.REGISTRAR, Role.AGENCY_HEAD}
PUBLIC_STATES = {"publicizing", "objected", "confirmed", "signed", "interrupted"}
P = Permission

#: Permission → type, states (ALL or a set), then who: roles in the organisation the record names, roles anywhere,
#: roles of a verified organisation, roles whose district covers the record; "author"; "everybody".
EXPECTED = {
    P.LISTING_VIEW: [
        ("listing", {"published"}, {"everybody"}),
        ("listing", {"published_limited"}, {("verified", r) for r in TRADERS}),
        ("listing", ALL, {"author", ("anywhere", Role.OPERATOR)} | {("own", r) for r in HOUSE}),
    ],
    P.LISTING_VIEW_CONTACT: [
        ("listing", ALL, {"author", ("anywhere", Role.OPERATOR)} | {("own", r) for r in HOUSE})
    ],
    P.LISTING_EDIT: [("listing", ALL, {"author", ("own", Role.UNIT_MANAGER)})],
    P.LISTING_MANAGE: [("listing", ALL, {"author", ("own", Role.UNIT_MANAGER), ("anywhere", Role.OPERATOR)})],
    P.LISTING_ENQUIRE: [("listing", {"published", "published_limited"}, {("verified", r) for r in TRADERS})],
    P.REVISION_VIEW: [
        ("revision", ALL, {"author", ("anywhere", Role.OPERATOR)} | {("own", r) for r in HOUSE})
    ],
    P.REVISION_SUBMIT: [("revision", {"draft", "returned"}, {"author", ("own", Role.UNIT_MANAGER)})],
    P.REVISION_APPROVE_UNIT: [("revision", {"unit_approval"}, {("own", Role.UNIT_MANAGER)})],
    P.REVISION_REVIEW: [("revision", {"staff_review"}, {("anywhere", Role.OPERATOR)})],
    P.MATCH_VIEW: [("listing", ALL, {"author", ("anywhere", Role.OPERATOR)} | {("own", r) for r in HOUSE})],
    P.MATCH_DECIDE: [
        ("listing", {"published", "published_limited"}, {"author"} | {("own", r) for r in PARTIES})
    ],
    P.ORGANISATION_VIEW: [
        ("organisation", {"verified"}, {"everybody"}),
        (
            "organisation",
            ALL,
            {"people", ("anywhere", Role.OPERATOR), ("anywhere", Role.ADMINISTRATOR)}
            | {("own", r) for r in Role},
        ),
    ],
    P.ORGANISATION_EDIT: [("organisation", ALL, {"people"}), ("identity_change", ALL, {"people"})],
    P.ORGANISATION_VERIFY: [
        ("organisation", ALL, {("anywhere", Role.OPERATOR)}),
        ("identity_change", ALL, {("anywhere", Role.OPERATOR)}),
    ],
    P.IDENTITY_CHANGE_VIEW: [("identity_change", ALL, {"people", ("anywhere", Role.OPERATOR)})],
    P.ORGANISATION_MANAGE_PEOPLE: [("organisation", ALL, {"people", ("anywhere", Role.OPERATOR)})],
    P.DEAL_VIEW: [("deal", ALL, {"author"} | {("own", r) for r in PARTIES})],
    P.DEAL_ACT: [("deal", ALL, {"author"} | {("own", r) for r in PARTIES})],
    P.PUBLICITY_VIEW: [
        ("price_publicity", PUBLIC_STATES, {"everybody"}),
        ("price_publicity", ALL, {("own", Role.UNIT_MANAGER)}),
    ],
    P.PUBLICITY_MANAGE: [("price_publicity", ALL, {("own", Role.UNIT_MANAGER)})],
    P.CONTRACT_VIEW: [("contract", ALL, {("own", r) for r in PARTIES | AGENCY})],
    P.CONTRACT_EDIT: [("contract", ALL, {("own", r) for r in PARTIES})],
    P.CONTRACT_PAY: [("contract", {"REGISTERED", "CHANGED"}, {("own", r) for r in PARTIES})],
    P.CONTRACT_REVIEW: [("contract", ALL, {("own", r) for r in AGENCY})],
    P.CONTRACT_SECOND_REVIEW: [("contract", ALL, {("own", r) for r in AGENCY})],
    P.CONTRACT_REVOKE: [("contract", ALL, {("own", Role.AGENCY_HEAD)})],
    P.SUBSIDY_VIEW: [
        ("subsidy_application", ALL, {("own", r) for r in PARTIES}),
        (
            "subsidy_application",
            set(HANDED_IN),
            {("district", Role.REVIEWER_COUNTY), ("district", Role.REVIEWER_LEAGUE)}
            | {("anywhere", Role.REVIEWER_REGION), ("anywhere", Role.FINANCE)},
        ),
    ],
    P.SUBSIDY_APPLY: [("subsidy_application", ALL, {("own", r) for r in PARTIES})],
    P.SUBSIDY_COUNTY: [("subsidy_application", ALL, {("district", Role.REVIEWER_COUNTY)})],
    P.SUBSIDY_LEAGUE: [("subsidy_application", ALL, {("district", Role.REVIEWER_LEAGUE)})],
    P.SUBSIDY_REGION: [("subsidy_application", ALL, {("anywhere", Role.REVIEWER_REGION)})],
    P.SUBSIDY_FINANCE: [("subsidy_application", ALL, {("anywhere", Role.FINANCE)})],
    P.SUBSIDY_BATCH: [
        ("subsidy_batch", ALL, {("anywhere", Role.REVIEWER_REGION)}),
        ("market", ALL, {("anywhere", Role.REVIEWER_REGION)}),
    ],
    P.SAVED_SEARCH_KEEP: [("saved_search", ALL, {"author"})],
    P.POOL_VIEW: [
        ("demand_cluster", {"published"}, {"everybody"}),
        ("demand_cluster", ALL, {("anywhere", Role.OPERATOR)}),
    ],
    P.POOL_ANSWER: [
        ("cluster_member", {"asking", "published"}, {"author"} | {("own", r) for r in HOUSE}),
    ],
    P.POOL_RESPOND: [("demand_cluster", {"published"}, {("verified", r) for r in TRADERS})],
    P.POOL_MANAGE: [
        (kind, ALL, {("anywhere", Role.OPERATOR)})
        for kind in ("demand_cluster", "cluster_member", "cluster_response", "market")
    ],
    P.LISTING_CREATE: [("market", ALL, {("verified", r) for r in TRADERS})],
    P.LEXICON_MANAGE: [("market", ALL, {("anywhere", Role.OPERATOR), ("anywhere", Role.ADMINISTRATOR)})],
    P.MATCH_STUDY: [("market", ALL, {("anywhere", Role.OPERATOR), ("anywhere", Role.ADMINISTRATOR)})],
    P.USER_RESET_PASSWORD: [("market", ALL, {("anywhere", Role.OPERATOR), ("anywhere", Role.ADMINISTRATOR)})],
}
RELATIONS = ("owner", "self", "party", "seller", "buyer", "agency", "applicant")


def subject(kind: str, state: str) -> Subject:
    """A record of organisation 7, written by person 1, in a banner of Baotou."""
    return Subject(
        kind,
        state,
        people={"author": frozenset({ME}), "participant": frozenset({ME})},
        organisations=dict.fromkeys(RELATIONS, frozenset({OWN})),
        regions=REGIONS,
    )


def member(role: Role, house: int, verified: bool, district: str | None, people: bool) -> Member:
    return Member(1, house, role, region_code=district, manages_people=people, verified=verified)


def expected(permission: Permission, kind: str, state: str, actor: Actor) -> bool:
    """What the table above says."""
    held = {"everybody"} | ({"author"} if actor.user_id == ME else set())
    for m in actor.members:
        held.add(("anywhere", m.role))
        if m.organisation_id == OWN:
            held.add(("own", m.role))
            held |= {"people"} if m.manages_people else set()
        held |= {("verified", m.role)} if m.verified else set()
        held |= {("district", m.role)} if m.region_code in REGIONS else set()
    return any(
        kind == row_kind and (states is ALL or state in states) and held & who
        for row_kind, states, who in EXPECTED[permission]
    )


def actors():
    yield VISITOR
    yield Actor(ME)
    yield Actor(99)
    for role, house, verified, district, people in itertools.product(
        Role, (OWN, OTHER), (True, False), (None, "150200", "150100"), (True, False)
    ):
        yield Actor(99, (member(role, house, verified, district, people),))


def subjects():
    yield MARKET
    for kind, states in STATES.items():
        for state in (*states, "no_such_state"):
            yield subject(kind, state)


@pytest.mark.parametrize("permission", Permission)
def test_every_role_in_every_state_may_do_what_the_table_says(permission: Permission):
    for record, actor in itertools.product(subjects(), actors()):
        wanted = expected(permission, record.type, record.state, actor)
        assert can(actor, permission, record) is wanted, (permission, record.type, record.state, actor)
        shared = scopes_of_object(permission, record) & scopes_of_actor(permission, record.type, actor)
        assert bool(shared) is wanted, "the search filter and the object check differ"


def test_the_table_knows_every_permission():
    assert set(EXPECTED) == set(Permission)
    named = {row.permission for row in permissions.POLICY}
    assert named == set(Permission)


def test_what_the_policy_does_not_know_is_forbidden():
    everybody = Actor(ME, tuple(member(role, OWN, True, "150203", True) for role in Role))
    for permission in Permission:
        assert not can(everybody, permission, Subject("no such type"))
    assert not can(everybody, P.REVISION_REVIEW, subject("revision", "no_such_state"))
    assert not can(VISITOR, P.LISTING_VIEW, subject("listing", "no_such_state"))


def test_a_member_of_nothing_named_gets_nothing():
    nameless = Subject("listing", "paused")
    for actor in actors():
        if Role.OPERATOR not in actor.roles():
            assert not can(actor, P.LISTING_VIEW, nameless)


def test_the_system_may_do_what_its_code_does():
    assert all(can(SYSTEM, permission, record) for permission in Permission for record in subjects())


def test_who_may_not_see_a_record_is_told_that_it_is_not_there():
    record = subject("listing", "paused")
    stranger = Actor(99, (member(Role.ENTERPRISE_MEMBER, OTHER, True, None, False),))
    colleague = Actor(99, (member(Role.ENTERPRISE_MEMBER, OWN, True, None, False),))
    with pytest.raises(NotFound):
        require(stranger, P.LISTING_EDIT, record, view=P.LISTING_VIEW)
    with pytest.raises(Forbidden):
        require(colleague, P.LISTING_EDIT, record, view=P.LISTING_VIEW)
    with pytest.raises(Forbidden):
        require(stranger, P.LISTING_EDIT, record)


def test_the_audit_names_the_membership_that_carries_the_right():
    record = subject("listing", "published")
    wrong = Member(1, OTHER, Role.UNIT_MANAGER)
    right = Member(2, OWN, Role.UNIT_MANAGER)
    assert carrying_member(Actor(99, (wrong, right)), P.LISTING_EDIT, record) == right
    assert carrying_member(Actor(ME, (wrong,)), P.LISTING_EDIT, record) is None


SELLER, BUYER, MEDIATOR = 11, 12, 13
#: What each house's broker may do with a contract and a deal between the seller's and the buyer's.
BROKERS_MAY = {
    SELLER: {P.CONTRACT_VIEW, P.CONTRACT_EDIT, P.DEAL_VIEW, P.DEAL_ACT},
    BUYER: {P.CONTRACT_VIEW, P.CONTRACT_PAY, P.DEAL_VIEW, P.DEAL_ACT},
    MEDIATOR: set(),
}


@pytest.mark.parametrize("house", BROKERS_MAY)
def test_a_broker_acts_for_his_own_house_and_never_for_those_he_brings_together(house: int):
    sides = {
        "seller": frozenset({SELLER}),
        "buyer": frozenset({BUYER}),
        "party": frozenset({SELLER, BUYER}),
    }
    records = (
        Subject("contract", "REGISTERED", organisations=sides),
        Subject("deal", "agreed", organisations=sides),
    )
    broker = Actor(99, (Member(1, house, Role.BROKER),))
    allowed = {
        permission for permission in Permission for record in records if can(broker, permission, record)
    }
    assert allowed == BROKERS_MAY[house]


def test_a_person_trades_for_the_houses_in_which_he_has_a_trading_role():
    roles = dict(enumerate(Role, 1))
    members = tuple(Member(number, number, role) for number, role in roles.items())
    assert {roles[house] for house in Actor(99, (*members, *members)).houses()} == PARTIES
    assert len(Actor(99, (*members, *members)).houses()) == len(PARTIES)
