"""The market's own words: checked, previewed, in force at once or with the next index, taken back."""

import pytest
from sqlalchemy import select

from marketplace.accounts.models import Organisation
from marketplace.audit import AuditEntry
from marketplace.errors import Conflict, Forbidden, Invalid, StaleEdit
from marketplace.indexing import upkeep
from marketplace.lexicon import consumer
from marketplace.lexicon.models import LexiconEntry
from marketplace.lexicon.services import entries, force, preview
from marketplace.listings.models import Listing
from marketplace.matching.models import MatchRun
from marketplace.matching.services import runs
from marketplace.outbox import Event, OutboxRow
from marketplace.permissions import VISITOR, Permission, scopes_of_actor
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search import dictionary
from search.backend import EngineUnavailable
from search.query import SearchRequest
from search.tokenizer import cut
from tests import factories
from tests.services.trading_market import Market


@pytest.fixture(autouse=True)
def files_alone():
    """The lists of a process outlive a test."""
    yield
    dictionary.use(dictionary.Additions())


@pytest.fixture
def market(app, now) -> Market:
    made = Market(app, now)
    for title in ("煤矸石陶粒制备工艺", "煤矸石与陶粒复合填料", "矸石山生态修复"):
        made.offer(title=title, use="用于示例", problem="示例问题", principle="示例原理", keywords=())
    run_pass(app)
    return made


def add(market, kind: str, words: str) -> int:
    with unit_of_work() as session:
        return entries.add(session, market.operator, kind, words, now=market.now).id


def take_back(market, entry_id: int, version: int | None = None) -> None:
    with unit_of_work() as session:
        standing = session.get_one(LexiconEntry, entry_id).version if version is None else version
        entries.remove(session, market.operator, entry_id, version=standing, now=market.now)


def titles(app, text: str) -> list[str]:
    scopes = tuple(scopes_of_actor(Permission.LISTING_VIEW, "listing", VISITOR))
    found = app.extensions["search"].search(SearchRequest(scopes=scopes, text=text))
    with unit_of_work() as session:
        return sorted(session.get_one(Listing, hit.listing_id).accepted_revision.title for hit in found.hits)


def state_of(entry_id: int) -> tuple[bool, bool]:
    """(in force, taken back)"""
    with unit_of_work() as session:
        found = session.get_one(LexiconEntry, entry_id)
        return found.applied_at is not None and found.lifted_at is None, found.removed_at is not None


def test_synonyms_are_in_force_at_once_for_whoever_looks_up(app, market):
    before = titles(app, "沟渣")
    add(market, "synonyms", "沟渣，矸石山")
    with unit_of_work() as session:
        app.extensions["lexicon"].refresh(session, at_once=True)
    assert before == [] and titles(app, "沟渣") == ["矸石山生态修复"]


def test_a_term_is_in_force_when_the_index_was_made_with_it(app, market):
    entry = add(market, "term", "煤矸石陶粒")
    assert state_of(entry) == (False, False) and cut("煤矸石陶粒") == ["煤矸石", "陶粒"]
    done = run_pass(app)
    assert done["lexicon"] == 1
    assert state_of(entry) == (True, False) and cut("煤矸石陶粒") == ["煤矸石陶粒"]
    with unit_of_work() as session:
        assert upkeep.compare(session, app.extensions["search"]).equal
    assert not app.extensions["search"].needs_rebuild
    assert titles(app, '"煤矸石陶粒"') == ["煤矸石陶粒制备工艺"]


def test_taking_a_term_back_makes_the_index_without_it(app, market):
    entry = add(market, "term", "煤矸石陶粒")
    run_pass(app)
    take_back(market, entry)
    assert state_of(entry) == (True, True), "still in force until the index has been made"
    run_pass(app)
    assert state_of(entry) == (False, True) and cut("煤矸石陶粒") == ["煤矸石", "陶粒"]
    assert not app.extensions["search"].needs_rebuild


def test_matches_are_made_again_with_the_new_words(app, market):
    market.ask()
    run_pass(app)
    add(market, "term", "煤矸石陶粒")
    run_pass(app)
    with unit_of_work() as session:
        assert runs.stale_demands(session) == []
        assert {run.dictionary for run in session.scalars(select(MatchRun))} == {dictionary.dictionary_hash()}


def test_an_engine_that_is_away_leaves_everything_as_it_was(app, market, monkeypatch):
    entry = add(market, "term", "煤矸石陶粒")

    def away(*_args, **_more):
        raise EngineUnavailable("gone")

    monkeypatch.setattr(app.extensions["search"], "rebuild", away)
    run_pass(app)
    assert state_of(entry) == (False, False) and cut("煤矸石陶粒") == ["煤矸石", "陶粒"]
    monkeypatch.undo()
    run_pass(app)
    assert state_of(entry) == (True, False)


def test_what_is_added_while_the_index_is_made_waits_for_its_turn(app, market, monkeypatch):
    first = add(market, "term", "煤矸石陶粒")
    engine, later = app.extensions["search"], []
    rebuild = type(engine).rebuild

    def meanwhile(documents, **more):
        made = rebuild(engine, documents, **more)
        if not later:
            later.append(add(market, "term", "复合填料"))
        return made

    monkeypatch.setattr(engine, "rebuild", meanwhile)
    with unit_of_work() as session:
        row = session.scalar(select(OutboxRow).where(OutboxRow.consumer == "lexicon"))
        event = Event(row.id, "lexicon", first, None, True)
    consumer.consume(engine, [event], now=market.now)
    assert state_of(first) == (True, False) and state_of(later[0]) == (False, False)
    run_pass(app)
    assert state_of(later[0]) == (True, False)


def test_a_page_looks_up_now_and_then_only(app, market):
    moments = iter([0.0, 0.0, 4.0, 5.5, 5.5])
    lookup = force.Lookup(clock=lambda: next(moments))
    seen = []
    with unit_of_work() as session:
        lookup.refresh(session)
    add(market, "synonyms", "沟渣 矸石山")
    for _ in range(2):
        with unit_of_work() as session:
            lookup.refresh(session)
        seen.append(len(dictionary.additions().synonyms))
    assert seen == [0, 1]


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("term", "", "汉字组成"),
        ("term", "煤矸石 陶粒", "汉字组成"),
        ("term", "PLC控制", "汉字组成"),
        ("term", "涂", "2 到 12"),
        ("term", "涂" * 13, "2 到 12"),
        ("term", "涂层", "已经把它当作一个词"),
        ("synonyms", "马铃薯", "2 到 8"),
        ("synonyms", "一 二 三 四 五 六 七 八 九", "2 到 8"),
        ("synonyms", "土豆 ！！", "1 到 20"),
        ("synonyms", f"土豆 {'薯' * 21}", "1 到 20"),
        ("synonyms", "土豆 薯", "单个汉字"),
        ("synonyms", "土豆 马铃薯", "已经互为同义词"),
    ],
)
def test_what_cannot_be_added_is_said(app, market, kind, typed, said):
    with pytest.raises(Invalid) as refused:
        add(market, kind, typed)
    assert said in refused.value.problems["words"][0]


def test_an_addition_is_for_staff_stands_once_and_is_audited(app, market):
    with pytest.raises(Forbidden), unit_of_work() as session:
        entries.add(session, market.member, "term", "煤矸石陶粒", now=market.now)
    first = add(market, "term", "煤矸石陶粒")
    with pytest.raises(Conflict):
        add(market, "term", "煤矸石陶粒")
    with pytest.raises(StaleEdit):
        take_back(market, first, version=99)
    take_back(market, first)
    with pytest.raises(Conflict):
        take_back(market, first, version=2)
    add(market, "term", "煤矸石陶粒")
    with unit_of_work() as session:
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_type == "lexicon")).all()
    assert acts == ["lexicon.add", "lexicon.remove", "lexicon.add"]


def previewed(app, market, kind, typed) -> preview.Preview:
    with unit_of_work() as session:
        found = preview.of(session, app.extensions["search"], market.operator, kind, typed)
        for change in found.changes:
            for listing in change.joining:
                _ = listing.accepted_revision.title
        return found


@pytest.mark.parametrize("typed", ["桨叶 叶片", "叶片 风叶"])
def test_a_group_that_stands_already_is_known_before_a_process_has_looked_it_up(app, market, typed):
    add(market, "synonyms", "叶片 桨叶 风叶")
    with pytest.raises(Conflict):
        add(market, "synonyms", typed)
    assert add(market, "synonyms", "叶片 螺旋桨")


def test_synonyms_are_previewed_with_what_joins(app, market):
    found = previewed(app, market, "synonyms", "沟渣 矸石山")
    assert found.group == ("沟渣", "矸石山")
    assert [(one.word, one.before, one.after) for one in found.changes] == [("沟渣", 0, 1), ("矸石山", 1, 1)]
    assert titles(app, "沟渣") == [], "a preview changes nothing"


def test_a_group_that_joins_another_shows_the_whole(app, market):
    assert previewed(app, market, "synonyms", "土豆 山药蛋").group == ("马铃薯", "土豆", "洋芋", "山药蛋")


def test_a_term_is_previewed_with_the_passages_it_changes(app, market):
    found = previewed(app, market, "term", "煤矸石陶粒")
    (change,) = found.changes
    assert (change.before, change.after) == (2, 1), "two hold both pieces, one holds the term"
    assert [(one.before, one.after) for one in found.examples] == [
        (("煤矸石", "陶粒", "制备", "工艺"), ("煤矸石陶粒", "制备", "工艺"))
    ]


def test_no_preview_while_no_engine_answers(app, market, monkeypatch):
    def away(*_args, **_more):
        raise EngineUnavailable("gone")

    monkeypatch.setattr(app.extensions["search"], "search", away)
    with pytest.raises(Invalid) as refused:
        previewed(app, market, "synonyms", "沟渣 矸石山")
    assert "正在恢复" in refused.value.problems["words"][0]


def test_another_house_sees_none_of_it(app, market):
    with unit_of_work() as session:
        house = session.get_one(Organisation, market.firm)
        stranger = factories.actor(session, "enterprise_member", house, now=market.now)
    with pytest.raises(Forbidden), unit_of_work() as session:
        preview.of(session, app.extensions["search"], stranger, "term", "煤矸石陶粒")
