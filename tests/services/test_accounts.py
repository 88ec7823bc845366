"""People and organisations: accounts that betray nothing, verification, claims and invitations."""

import io
from datetime import timedelta

import pytest
from argon2 import Type

from marketplace import workflow
from marketplace.accounts import passwords, states
from marketplace.accounts.services import colleagues, organisations, people
from marketplace.attachments import Storage
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound, StaleEdit
from marketplace.listings.content import Kind
from marketplace.listings.services import drafts
from marketplace.notices import services as notices
from marketplace.notices.models import Mail
from marketplace.permissions import Role
from tests import factories

SECRET = "k" * 32
DATA = {
    "name": "示例新能源科技有限公司",
    "credit_code": factories.credit_code(555),
    "organisation_type": "enterprise",
    "party_kind": "ENTERPRISE",
    "registration_region": "150203",
    "tax_region": "150203",
}


@pytest.fixture
def person(session, now):
    return factories.actor_of(session, factories.user(session, now=now).id, now)


@pytest.fixture
def operator(session, now):
    return factories.operator(session, now=now)


def enter(session, person, now, **changes):
    made = organisations.register(session, person, {**DATA, **changes}, now=now)
    return made, factories.actor_of(session, person.user_id, now)


def hand_in(session, actor, house, now, tmp_path):
    return organisations.submit(
        session,
        actor,
        house.id,
        Storage(tmp_path / "uploads"),
        io.BytesIO(b"%PDF-1.4"),
        "licence.pdf",
        version=house.version,
        now=now,
    )


def test_an_organisation_is_entered_handed_in_returned_and_verified(session, person, operator, now, tmp_path):
    house, member = enter(session, person, now)
    assert (house.state, member.members[0].manages_people) == (states.UNVERIFIED, True)
    with pytest.raises(Invalid):
        organisations.submit(
            session, member, house.id, Storage(tmp_path), None, "", version=house.version, now=now
        )
    hand_in(session, member, house, now, tmp_path)
    assert [o.id for o in organisations.waiting(session, page=1, size=9)[0]] == [house.id]
    with pytest.raises(Invalid):
        organisations.decide(session, operator, house.id, "return", version=house.version, now=now)
    organisations.decide(
        session, operator, house.id, "return", version=house.version, now=now, reason="印章看不清"
    )
    hand_in(session, member, house, now, tmp_path)
    organisations.decide(session, operator, house.id, "verify", version=house.version, now=now)
    assert factories.actor_of(session, person.user_id, now).members[0].verified
    assert [n.kind for n in notices.unread(session, member)] == [
        "organisation_verified",
        "organisation_returned",
    ]
    assert [h.action for h in workflow.history(session, "organisation", house.id)][:2] == ["verify", "submit"]


def test_verification_is_the_operators_and_follows_the_table(session, person, operator, now):
    house, member = enter(session, person, now)
    with pytest.raises(Conflict):
        organisations.decide(session, operator, house.id, "verify", version=house.version, now=now)
    with pytest.raises(StaleEdit):
        organisations.decide(session, operator, house.id, "verify", version=house.version + 1, now=now)
    house.state = states.SUBMITTED
    session.flush()
    with pytest.raises(Forbidden):
        organisations.decide(session, member, house.id, "verify", version=house.version, now=now)
    stranger = factories.actor_of(session, factories.user(session, now=now).id, now)
    with pytest.raises(NotFound):
        organisations.decide(session, stranger, house.id, "verify", version=house.version, now=now)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "短"),
        ("credit_code", "91150100MA0000000X"),
        ("credit_code", None),
        ("organisation_type", "government"),
        ("party_kind", "x"),
        ("tax_region", "999999"),
    ],
)
def test_what_is_wrong_about_an_organisation_is_said_beside_its_field(session, person, now, field, value):
    with pytest.raises(Invalid) as refused:
        organisations.register(session, person, {**DATA, field: value}, now=now)
    assert list(refused.value.problems) == [field]


def test_an_organisation_that_is_here_is_not_entered_twice(session, person, now):
    enter(session, person, now)
    with pytest.raises(Invalid) as refused:
        enter(session, person, now, credit_code=f" {DATA['credit_code'].lower()} ")
    assert "加入已有单位" in refused.value.problems["credit_code"][0]


def test_a_stale_correction_shows_both_versions(session, person, now):
    house, member = enter(session, person, now)
    opened = house.version
    organisations.update(session, member, house.id, {**DATA, "phone": "0471-1"}, version=opened, now=now)
    with pytest.raises(StaleEdit) as stale:
        organisations.update(session, member, house.id, {**DATA, "phone": "0472-2"}, version=opened, now=now)
    assert [(d.label, d.mine, d.theirs) for d in stale.value.differences] == [
        ("单位电话", "0472-2", "0471-1")
    ]


def test_a_new_name_keeps_the_old_one_on_record(session, person, now):
    house, member = enter(session, person, now)
    organisations.update(
        session, member, house.id, {**DATA, "name": "示例新材料科技有限公司"}, version=house.version, now=now
    )
    assert house.former_names == [DATA["name"]]


def test_a_known_address_costs_the_same_work_and_tells_only_its_owner(session, now, monkeypatch):
    known = factories.user(session, now=now)
    work: list[str] = []
    hashed = passwords.hash_password
    monkeypatch.setattr(passwords, "hash_password", lambda p: work.append(p) or hashed(p))
    for address in ("fresh@example.com", known.email):
        people.register(
            session, name="示例", address=address, password="another good one", consent=True, now=now
        )
    assert len(work) == 2
    assert [m.recipient for m in session.query(Mail).filter_by(kind="already_registered")] == [known.email]
    assert people.authenticate(session, known.email, "another good one", now=now) is None


def test_logging_in_works_as_hard_for_an_unknown_address(session, now, monkeypatch):
    known = factories.user(session, now=now)
    verified: list[bool] = []
    verify = passwords.verify
    monkeypatch.setattr(passwords, "verify", lambda s, p: verified.append(s is None) or verify(s, p))
    assert people.authenticate(session, "nobody@example.com", "x" * 12, now=now) is None
    assert people.authenticate(session, known.email.upper(), "correct horse", now=now) is known
    assert verified == [True, False]
    known.active = False
    session.flush()
    assert people.authenticate(session, known.email, "correct horse", now=now) is None


def test_a_reset_token_dies_with_the_epoch(session, now, person):
    user = people.load(session, person.user_id)
    token = people.reset_token(user, SECRET)
    assert people.user_of_token(session, token, SECRET) is user
    people.set_password(session, user, "quite another one", actor=person, now=now)
    for wrong, secret in ((token, SECRET), (token, "j" * 32), ("", SECRET), ("a.b.c", SECRET)):
        with pytest.raises(NotFound):
            people.user_of_token(session, wrong, secret)


def test_hashes_of_a_market_cost_what_argon2_recommends(costly_hasher, monkeypatch):
    """RFC 9106, second recommended option: argon2id, 3 passes, 64 MiB, 4 lanes, 128-bit salt, 256-bit tag."""
    assert (costly_hasher.type, costly_hasher.salt_len, costly_hasher.hash_len) == (Type.ID, 16, 32)
    assert (costly_hasher.time_cost, costly_hasher.memory_cost, costly_hasher.parallelism) == (3, 65536, 4)
    cheap = passwords.hash_password("correct horse")
    assert passwords.verify(cheap, "correct horse") and not passwords.outdated(cheap)
    monkeypatch.setattr(passwords, "_hasher", costly_hasher)
    assert passwords.verify(cheap, "correct horse") and passwords.outdated(cheap)


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaa", "x" * 129, "person-one-two", "示例用户示例用户示例"]
)
def test_weak_passwords_are_refused_with_the_reason(password):
    assert passwords.weakness(password, name="示例用户", address="person@example.com")


def test_a_claim_needs_a_verified_organisation_and_an_open_role(session, person, operator, now):
    house = factories.organisation(session, now=now)
    for code, role in ((factories.credit_code(9999), "enterprise_member"), (house.credit_code, "operator")):
        with pytest.raises(Invalid):
            colleagues.claim(session, person, code, role, "", now=now)
    made = colleagues.claim(session, person, house.credit_code, "enterprise_member", "研发部", now=now)
    with pytest.raises(Conflict):
        colleagues.claim(session, person, house.credit_code, "enterprise_member", "", now=now)
    with pytest.raises(Invalid):
        colleagues.decide_claim(session, operator, made.id, False, " ", version=made.version, now=now)
    colleagues.decide_claim(session, operator, made.id, True, "", version=made.version, now=now)
    with pytest.raises(Conflict):
        colleagues.decide_claim(session, operator, made.id, True, "", version=made.version, now=now)
    assert factories.actor_of(session, person.user_id, now).member_of(house.id)


def test_an_invitation_is_for_its_addressee_and_for_two_weeks(session, person, now):
    house = factories.organisation(session, now=now)
    manager = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now, manages=True)
    address = people.load(session, person.user_id).email
    with pytest.raises(Invalid):
        colleagues.invite(session, manager, house.id, "no address", "researcher", now=now)
    made = colleagues.invite(session, manager, house.id, address, "enterprise_member", now=now)
    with pytest.raises(NotFound):
        colleagues.accept_invitation(session, manager, made.id, now=now)
    with pytest.raises(NotFound):
        colleagues.accept_invitation(session, person, made.id, now=now + timedelta(days=15))
    colleagues.accept_invitation(session, person, made.id, now=now)
    assert factories.actor_of(session, person.user_id, now).member_of(house.id)
    with pytest.raises(NotFound):
        colleagues.accept_invitation(session, person, made.id, now=now)


def test_a_removed_colleague_loses_his_rights_at_once(session, now):
    house = factories.organisation(session, now=now)
    manager = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now, manages=True)
    worker = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now)
    colleagues.remove(session, manager, worker.members[0].id, now=now)
    assert factories.actor_of(session, worker.user_id, now).members == ()
    with pytest.raises(Conflict):
        colleagues.remove(session, manager, manager.members[0].id, now=now)


def test_a_verified_house_does_not_lend_its_right_to_an_unverified_one(session, now):
    good = factories.organisation(session, now=now)
    bad = factories.organisation(session, now=now, verified=False)
    both = factories.actor(session, Role.ENTERPRISE_MEMBER, good, now=now)
    colleagues.appoint(session, both.user_id, bad.id, Role.ENTERPRISE_MEMBER, now=now)
    actor = factories.actor_of(session, both.user_id, now)
    with pytest.raises(Forbidden):
        drafts.start(session, actor, Kind.DEMAND, bad.id, now=now)
    assert drafts.start(session, actor, Kind.DEMAND, good.id, now=now).listing.organisation_id == good.id
