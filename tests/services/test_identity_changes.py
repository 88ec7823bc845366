"""A verified organisation changes its name or code: the operator decides, and until then nothing changes."""

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace import workflow
from marketplace.accounts import states
from marketplace.accounts.models import IdentityChange, Organisation
from marketplace.accounts.services import identity, installed, organisations
from marketplace.accounts.services.organisation_data import IDENTITY
from marketplace.attachments import Storage
from marketplace.audit import AuditEntry
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound, StaleEdit
from marketplace.notices import services as notices
from marketplace.outbox import OutboxRow
from marketplace.permissions import Role
from tests import factories

NEW_NAME = "示例新材料集团有限公司"
DETAILS = {
    "tax_region": "150203",
    "legal_representative": "示例",
    "address": "示例路 1 号",
    "phone": "0472-1",
}


@pytest.fixture
def house(session, now):
    return factories.organisation(session, now=now)


@pytest.fixture
def owner(session, house, now):
    return factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now, manages=True)


@pytest.fixture
def operator(session, now):
    return factories.operator(session, now=now)


@pytest.fixture
def ask(session, owner, house, now, tmp_path):
    """Ask for another identity of the house, as its owner unless told otherwise."""

    def asking(actor=owner, version=None, proof=b"%PDF-1.4", **changes) -> IdentityChange:
        return identity.ask(
            session,
            actor,
            house.id,
            changes,
            Storage(tmp_path / "uploads"),
            io.BytesIO(proof) if proof is not None else None,
            "变更通知书.pdf" if proof is not None else "",
            version=house.version if version is None else version,
            now=now,
        )

    return asking


@pytest.fixture
def decide(session, operator, now):
    """Decide on a change, as the operator unless told otherwise."""

    def deciding(change, action, actor=operator, reason=None, version=None) -> IdentityChange:
        wanted = change.version if version is None else version
        return identity.decide(session, actor, change.id, action, version=wanted, now=now, reason=reason)

    return deciding


def identity_of(house: Organisation) -> dict:
    return {name: getattr(house, name) for name in IDENTITY}


def test_an_accepted_change_takes_effect_and_keeps_the_old_name(session, house, owner, ask, decide, now):
    before, code = identity_of(house), factories.credit_code(4711)
    change = ask(name=f" {NEW_NAME} ", credit_code=code.lower())
    assert identity_of(house) == before and house.state == states.VERIFIED
    assert (change.before, change.after) == (
        {"name": before["name"], "credit_code": before["credit_code"]},
        {"name": NEW_NAME, "credit_code": code},
    )
    decide(change, "accept")
    session.expire_all()
    assert identity_of(house) == {**before, "name": NEW_NAME, "credit_code": code}
    assert house.former_names == [before["name"]] and house.state == states.VERIFIED
    assert house.name_key == organisations.name_key(NEW_NAME)
    assert organisations.find_by_credit_code(session, before["credit_code"]) is None
    told = notices.unread(session, owner)
    assert [(n.kind, n.params["name"]) for n in told] == [("identity_change_accepted", NEW_NAME)]
    assert change.before["name"] == before["name"], "what was decided on stays on record"


def test_a_refused_change_leaves_everything_as_it_was(session, house, owner, ask, decide):
    before = identity_of(house)
    change = ask(party_kind="OTHER")
    for nothing in (None, "", "  "):
        with pytest.raises(Invalid) as refused:
            decide(change, "refuse", reason=nothing)
        assert list(refused.value.problems) == ["reason"]
    decide(change, "refuse", reason="证照上的印章看不清")
    assert identity_of(house) == before and house.former_names == []
    (told,) = notices.unread(session, owner)
    assert (told.kind, told.params["reason"]) == ("identity_change_refused", "证照上的印章看不清")
    assert identity.refusal(session, change) == "证照上的印章看不清"
    assert identity.asked_for(house, change)["party_kind"] == "OTHER", "asking again needs no typing again"


def test_each_step_is_audited_and_kept_in_the_history(session, house, owner, operator, ask, decide):
    change = ask(name=NEW_NAME)
    decide(change, "accept")
    rows = session.scalars(
        select(AuditEntry).where(AuditEntry.subject_type == "identity_change").order_by(AuditEntry.id)
    ).all()
    assert [(row.action, row.actor_id) for row in rows] == [
        ("identity_change.ask", owner.user_id),
        ("identity_change.accept", operator.user_id),
    ]
    assert rows[0].on_behalf_of_id == house.id and rows[0].data["fields"] == ["name"]
    (entry,) = workflow.history(session, "identity_change", change.id)
    assert (entry.from_state, entry.to_state) == ("submitted", "accepted")
    assert change.evidence.filename == "变更通知书.pdf"


def test_the_listings_are_indexed_anew_under_the_new_name(session, house, ask, decide):
    change = ask(name=NEW_NAME)
    session.query(OutboxRow).delete()
    decide(change, "accept")
    rows = session.scalars(select(OutboxRow).where(OutboxRow.entity_type == "organisation")).all()
    assert [(row.consumer, row.entity_id) for row in rows] == [("index", house.id)]


def test_the_owner_withdraws_and_asks_again(session, house, owner, ask, decide):
    first = ask(name=NEW_NAME)
    decide(first, "withdraw", actor=owner)
    assert first.state == states.WITHDRAWN and notices.unread(session, owner) == []
    second = ask(name="示例新能源集团有限公司")
    assert identity.latest(session, owner, house) is second
    assert identity.open_changes(session, [house.id]) == {house.id: second}


@pytest.mark.parametrize("action", ["accept", "refuse", "withdraw"])
@pytest.mark.parametrize("state", ["accepted", "refused", "withdrawn"])
def test_what_has_been_decided_stays_decided(house, owner, ask, decide, action, state):
    change = ask(name=NEW_NAME)
    actor = {"actor": owner} if state == "withdrawn" else {}
    decide(
        change,
        {"accepted": "accept", "refused": "refuse", "withdrawn": "withdraw"}[state],
        reason="x",
        **actor,
    )
    stood = identity_of(house)
    with pytest.raises(Conflict):
        decide(change, action, reason="再来一次", **({"actor": owner} if action == "withdraw" else {}))
    assert change.state == state and identity_of(house) == stood


def test_one_change_at_a_time_also_when_two_arrive_together(session, house, owner, ask, now):
    first = ask(name=NEW_NAME)
    with pytest.raises(Conflict):
        ask(name="示例新能源集团有限公司")
    twin = IdentityChange(
        organisation_id=house.id,
        state=states.SUBMITTED,
        before={"name": house.name},
        after={"name": "示例抢先集团有限公司"},
        evidence_id=first.evidence_id,
        asked_by_id=owner.user_id,
        asked_at=now,
    )
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(twin)
        session.flush()


def test_the_operator_decides_on_what_he_saw(ask, decide, owner):
    change = ask(name=NEW_NAME)
    with pytest.raises(StaleEdit):
        decide(change, "accept", version=change.version + 1)
    with pytest.raises(Conflict):
        decide(change, "verify")
    assert change.state == states.SUBMITTED


def test_only_the_operator_decides_and_only_the_owner_asks(session, house, owner, operator, ask, decide, now):
    colleague = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now)
    stranger = factories.actor(
        session, Role.ENTERPRISE_MEMBER, factories.organisation(session, now=now), now=now, manages=True
    )
    for actor in (colleague, stranger, operator):
        with pytest.raises(Forbidden):
            ask(actor=actor, name=NEW_NAME)
    change = ask(name=NEW_NAME)
    for action in ("accept", "refuse"):
        with pytest.raises(Forbidden):
            decide(change, action, actor=owner, reason="x")
        for actor in (colleague, stranger):
            with pytest.raises(NotFound):
                decide(change, action, actor=actor, reason="x")
    with pytest.raises(Forbidden):
        decide(change, "withdraw")
    for actor, sees in ((owner, True), (operator, True), (colleague, False), (stranger, False)):
        assert (identity.latest(session, actor, house) is change) is sees


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "短"}, "name"),
        ({"name": ""}, "name"),
        ({}, "name"),
        ({"credit_code": "91150100MA0000000X"}, "credit_code"),
        ({"party_kind": "x"}, "party_kind"),
        ({"organisation_type": "government"}, "organisation_type"),
        ({"registration_region": "999999"}, "registration_region"),
        ({"name": NEW_NAME, "proof": None}, "evidence"),
        ({"name": NEW_NAME, "proof": b""}, "evidence"),
        ({"name": NEW_NAME, "proof": b"<html>"}, "evidence"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(ask, changes, field):
    with pytest.raises(Invalid) as refused:
        ask(**changes)
    assert list(refused.value.problems) == [field]


def test_a_code_of_another_organisation_is_refused_at_both_ends(session, house, ask, decide, now):
    other = factories.organisation(session, now=now)
    with pytest.raises(Invalid):
        ask(credit_code=other.credit_code)
    wanted, before = factories.credit_code(8888), identity_of(house)
    change = ask(credit_code=wanted)
    other.credit_code = wanted
    session.flush()
    with pytest.raises(Invalid) as refused:
        decide(change, "accept")
    assert list(refused.value.problems) == ["credit_code"]
    assert change.state == states.SUBMITTED and identity_of(house) == before


def test_a_stale_request_shows_both_versions(session, house, owner, ask, now):
    opened, old = house.version, house.name
    organisations.update(session, owner, house.id, DETAILS, version=opened, now=now)
    with pytest.raises(StaleEdit) as stale:
        ask(version=opened, name=NEW_NAME)
    assert [(d.label, d.mine, d.theirs) for d in stale.value.differences] == [("单位全称", NEW_NAME, old)]


@pytest.mark.parametrize("state", [states.VERIFIED, states.SUSPENDED])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", NEW_NAME),
        ("credit_code", factories.credit_code(4711)),
        ("organisation_type", "university"),
        ("party_kind", "OTHER"),
        ("public_unit", True),
        ("registration_region", "150204"),
    ],
)
def test_no_identity_changes_by_correcting_the_data(session, house, owner, now, state, field, value):
    house.state = state
    session.flush()
    before = identity_of(house)
    with pytest.raises(Invalid) as refused:
        organisations.update(
            session, owner, house.id, {**DETAILS, field: value}, version=house.version, now=now
        )
    assert list(refused.value.problems) == [field]
    assert identity_of(house) == before


def test_everything_else_is_corrected_freely_also_while_a_change_waits(
    session, house, owner, ask, decide, now
):
    change = ask(name=NEW_NAME)
    organisations.update(session, owner, house.id, DETAILS, version=house.version, now=now)
    assert {name: getattr(house, name) for name in DETAILS} == DETAILS
    with pytest.raises(Invalid):
        organisations.update(
            session, owner, house.id, {**DETAILS, "tax_region": "0"}, version=house.version, now=now
        )
    decide(change, "accept")
    assert house.name == NEW_NAME and house.phone == DETAILS["phone"]


@pytest.mark.parametrize("state", [states.UNVERIFIED, states.SUBMITTED, states.RETURNED, states.SUSPENDED])
def test_only_a_verified_organisation_asks(session, house, ask, state):
    house.state = state
    session.flush()
    with pytest.raises(Conflict):
        ask(name=NEW_NAME)


def test_an_office_of_the_installation_does_not_ask(session, now):
    office = installed.enter(
        session,
        {
            "name": "示例登记机构",
            "credit_code": factories.credit_code(3333),
            "organisation_type": "registration_agency",
            "party_kind": "GOVERNMENT",
            "registration_region": "150203",
        },
        now=now,
    )
    assert office.state == states.VERIFIED and not identity.may_ask(office)


def test_a_suspended_organisation_gets_no_new_name(session, house, operator, ask, decide, now):
    before = identity_of(house)
    change = ask(name=NEW_NAME)
    organisations.decide(
        session, operator, house.id, "suspend", version=house.version, now=now, reason="被投诉冒名"
    )
    with pytest.raises(Invalid):
        decide(change, "accept")
    decide(change, "refuse", reason="单位已停用")
    organisations.decide(session, operator, house.id, "restore", version=house.version, now=now)
    assert identity_of(house) == before


def test_the_operator_has_one_queue_the_longest_waiting_first(session, house, ask, decide, now):
    newcomer = factories.organisation(session, now=now, verified=False)
    newcomer.state, newcomer.created_at = states.SUBMITTED, now - timedelta(days=1)
    session.flush()
    change = ask(name=NEW_NAME)
    rows, total = organisations.waiting(session, page=1, size=9)
    assert ([o.id for o in rows], total) == ([newcomer.id, house.id], 2)
    decide(change, "refuse", reason="不清楚")
    rows, total = organisations.waiting(session, page=1, size=9)
    assert ([o.id for o in rows], total) == ([newcomer.id], 1)


def test_the_proof_is_for_the_owner_and_the_operator(session, house, owner, operator, ask, now):
    public_id = ask(name=NEW_NAME).evidence.public_id
    for actor in (owner, operator):
        assert organisations.evidence_file(session, actor, public_id).filename == "变更通知书.pdf"
    stranger = factories.actor_of(session, factories.user(session, now=now).id, now)
    with pytest.raises(NotFound):
        organisations.evidence_file(session, stranger, public_id)


def test_the_state_table_is_complete():
    machine = states.IDENTITY_CHANGE
    assert {t.action: (t.from_states, t.to_state) for t in machine.transitions} == {
        "accept": ({"submitted"}, "accepted"),
        "refuse": ({"submitted"}, "refused"),
        "withdraw": ({"submitted"}, "withdrawn"),
    }
    assert set(machine.labels) == machine.states()
    suspended = SimpleNamespace(organisation=SimpleNamespace(state=states.SUSPENDED))
    assert machine.find("accept", "submitted").guard(suspended)
