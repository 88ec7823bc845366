"""The demonstration market: invented throughout, complete, loaded through the services, and only once."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace import codes, identifiers
from marketplace.accounts import passwords
from marketplace.accounts.models import Membership, Organisation, User
from marketplace.accounts.services import people
from marketplace.audit import AuditEntry
from marketplace.clock import legal_day
from marketplace.errors import Conflict
from marketplace.extensions import db
from marketplace.listings import completeness, freshness, states
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing, ListingRevision
from marketplace.matching.models import MatchEntry
from marketplace.permissions import Role
from marketplace.pooling.models import DemandCluster
from marketplace.pooling.services import pooled
from marketplace.portal import demo
from marketplace.portal.demo import documents, evidence
from marketplace.worker import run_pass
from search.documents import FEN_PER_WAN
from tests.services.demo_markets import DEMO_DATABASES

SEED = documents.read()
REGION = "150000"


@pytest.fixture(params=DEMO_DATABASES)
def market(request, demo_markets, tmp_path):
    """The demonstration market in a database of its own."""
    with demo_markets.opened(request.param, tmp_path / "demo") as app:
        yield app


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_loading_twice_changes_nothing(market, now):
    tables = (User, Organisation, Membership, Listing, ListingRevision, AuditEntry)
    before = [count(table) for table in tables]
    assert before[3] == len(SEED.posts)
    told = []
    assert not demo.load(market, told.append)
    parts = (
        "organisations",
        "listings",
        "deals",
        "subsidy applications",
        "groups of near-duplicate demands",
    )
    assert told == [f"demo market: 0 {part}" for part in parts]
    assert [count(table) for table in tables] == before
    _check_people(market)
    _check_states()
    _check_content(now)


def _check_people(app):
    """Everybody can log in, and every role is there."""
    roles = set()
    for account in demo.accounts():
        user = people.authenticate(
            db.session, account.address, account.password, now=app.extensions["clock"].now()
        )
        assert user is not None, account
        actor = people.actor_of(people.load(db.session, user.id), app.extensions["clock"].today())
        assert account.role in actor.roles()
        roles |= actor.roles()
    assert roles == set(Role)


def _check_states():
    """Every state that a listing, a revision or an organisation can be shown in is there."""
    listings = set(db.session.scalars(select(Listing.state)))
    assert listings == states.LISTING.states()
    assert set(db.session.scalars(select(ListingRevision.state))) == states.REVISION.states()
    assert {"verified", "submitted", "returned"} == set(db.session.scalars(select(Organisation.state)))
    acts = Counter(db.session.scalars(select(AuditEntry.action)))
    assert acts["revision.return_by_unit"] and acts["revision.return_by_staff"]


def _check_content(now):
    """What is published is complete, of the past, and partly old enough to be confirmed again."""
    published = db.session.scalars(select(Listing).where(Listing.state == "published")).all()
    today = legal_day(now)
    for listing in published:
        content = listing.accepted_revision.typed_content()
        assert completeness.problems(content) == {}
        assert listing.published_at <= now + timedelta(minutes=5)
        if listing.kind == Kind.DEMAND:
            assert content.solve_by > today
    assert any(freshness.needs_confirmation(listing.confirmed_on, today) for listing in published)
    assert any(listing.limited for listing in published)
    assert any(listing.hide_owner for listing in published)
    assert any(len(listing.revisions) > 1 for listing in published)


def test_demands_find_their_achievements_met_short_and_unknown(market):
    run_pass(market, only=("index", "matching"))
    entries = db.session.scalars(select(MatchEntry).where(MatchEntry.position == 1)).all()
    verdicts = Counter(row["outcome"] for entry in entries for row in entry.detail["indicators"])
    assert min(verdicts[verdict] for verdict in ("met", "short", "unknown")) >= 5
    best = {
        db.session.get(Listing, entry.run.demand_id).accepted_revision.title: (
            entry.achievement.accepted_revision.title
        )
        for entry in entries
    }
    assert best["高炉风口套表面耐磨涂层"] == "高炉风口用耐高温耐磨涂层及等离子堆焊工艺"
    assert best["盐碱饲草地快速改良"].startswith("河套灌区重度盐碱地")
    assert len(best) >= 20


def test_near_duplicate_demands_are_pooled_and_asked_about(market):
    clusters = db.session.scalars(select(DemandCluster).order_by(DemandCluster.id)).all()
    found = [
        (cluster.state, cluster.number, sorted(member.state for member in cluster.live_members))
        for cluster in clusters
    ]
    assert sorted(found, key=str) == [
        ("asking", None, ["agreed", "waiting"]),
        ("published", "P2026-00001", ["agreed", "agreed", "agreed"]),
    ]
    (published,) = (pooled.pool(cluster) for cluster in clusters if cluster.number)
    assert (published.firms, published.regions) == (3, ("152500",))
    assert published.budget == (100 * FEN_PER_WAN, 200 * FEN_PER_WAN)
    assert {joint.name for joint in published.indicators} == {"冰附着强度", "耐风沙冲蚀时间"}
    assert [response.state for response in published.cluster.responses] == ["received"]


def test_the_command_prints_the_accounts(app):
    result = app.test_cli_runner().invoke(args=["demo", "load"])
    assert result.exit_code == 0
    assert "demo market: loaded" in result.output
    for account in demo.accounts():
        assert str(account) in result.output


def test_production_refuses_with_a_sentence(app):
    app.extensions["settings"] = replace(app.extensions["settings"], environment="production")
    with pytest.raises(Conflict, match="正式环境不载入"):
        demo.load(app, lambda line: None)
    result = app.test_cli_runner().invoke(args=["demo", "load"])
    assert (result.exit_code, count(User)) == (1, 0)
    assert len(result.output.splitlines()) == 1


# --- the files themselves -----------------------------------------------------------------------------------


def test_organisations_are_invented_and_their_codes_valid():
    seen = [house.values["credit_code"] for house in SEED.houses]
    assert len(set(seen)) == len(seen)
    for house in SEED.houses:
        assert house.values["name"].endswith("（示例）")
        check = identifiers.check_credit_code(house.values["credit_code"])
        assert check.valid and not check.warnings, house.values["name"]  # the inner digit warns
        assert house.values["registration_region"] in codes.regions()
    leagues = {house.values["registration_region"][:4] for house in SEED.houses}
    assert len(leagues) >= 11
    assert len({h.values["party_kind_code"] for h in SEED.houses} & {c.code for c in codes.party_kinds()}) > 3


def test_patents_are_well_formed_and_of_a_series_nobody_has():
    numbers = [
        right.number
        for post in SEED.posts
        for right in documents._read(post.kind, post.texts).get("ip_rights", ())
        if right.number
    ]
    assert len(numbers) >= 10
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert identifiers.check_patent_no(number).valid
        assert number[5:7] == "99"


def test_accounts_start_with_one_for_each_role():
    accounts = demo.accounts()
    assert [account.role for account in accounts[: len(Role)]] == list(Role)
    assert {account.password for account in accounts} == {demo.PASSWORD}
    for account in accounts:
        assert account.address.endswith("@demo.example")
        assert passwords.weakness(demo.PASSWORD, name=account.name, address=account.address) is None
        assert account.role_label in str(account)


def test_the_market_is_wide_enough():
    kinds = Counter(post.kind for post in SEED.posts)
    assert kinds[Kind.ACHIEVEMENT] >= 40
    assert kinds[Kind.DEMAND] >= 30
    titles = [post.texts["title"] for post in SEED.posts]
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= 60 for title in titles)
    text = " ".join(titles)
    for topic in (
        "稀土",
        "煤",
        "风电",
        "光伏",
        "储能",
        "乳",
        "羊",
        "马铃薯",
        "盐碱",
        "沙",
        "蒙药",
        "数据中心",
        "黄河",
    ):
        assert topic in text, topic


def test_a_slip_in_the_files_is_found():
    slip = replace(SEED.posts[0], texts={**SEED.posts[0].texts, "trl": "十级"})
    with pytest.raises(ValueError, match="trl"):
        documents._read(slip.kind, slip.texts)


def test_evidence_is_a_whole_pdf():
    content = evidence.pdf(["示例证照", "第二行"])
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF", content)[1])
    assert content[start:].startswith(b"xref\n0 8\n")
    for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n", content[start:]), 1):
        assert content[int(place) :].startswith(b"%d 0 obj" % number)
    stream = re.search(rb"/Length (\d+) >>\nstream\n(.*)\nendstream", content, re.DOTALL)
    assert int(stream[1]) == len(stream[2])
    assert "示例证照".encode("utf-16-be").hex().encode() in stream[2]
