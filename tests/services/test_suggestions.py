"""From a published listing to what is suggested while somebody types: on both databases and both engines."""

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from marketplace.discovery import forms, services
from marketplace.discovery.models import (
    TitlePrefix,
    VocabularyBuild,
    VocabularyPrefix,
    VocabularySlip,
    VocabularyUse,
    VocabularyWord,
)
from marketplace.discovery.services import suggestions, vocabulary
from marketplace.extensions import db
from marketplace.indexing import documents
from marketplace.listings.services import drafts, publication
from marketplace.listings.services.drafts import find_listing
from marketplace.permissions import VISITOR, Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search import dictionary
from search.backend import EngineUnavailable
from search.elastic import ElasticEngine
from tests import factories

TABLES = (VocabularyWord, VocabularyUse, VocabularyPrefix, VocabularySlip, TitlePrefix)


@pytest.fixture(
    params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.xdist_group("elasticsearch"))]
)
def engine(request, app):
    """The market on one engine or the other."""
    if request.param == "elasticsearch":
        app.extensions["search"] = ElasticEngine(request.getfixturevalue("elastic_address"))
    return app.extensions["search"]


@pytest.fixture
def market(app, now):
    """The people who post and accept."""
    with unit_of_work() as session:
        firm = factories.organisation(session, now=now)
        member = factories.actor(session, Role.ENTERPRISE_MEMBER, firm, now=now)
        return firm, member, factories.operator(session, now=now)


def post(market, now, content) -> str:
    firm, member, operator = market
    with unit_of_work() as session:
        return factories.published(session, member, session.merge(firm), content, operator, now=now).number


def offered(app, now, typed: str, actor=VISITOR, **address) -> tuple[list[tuple[str, int | None]], list[str]]:
    """The words with their counts, and the titles, that this text brings."""
    with unit_of_work() as session:
        asked = forms.read(MultiDict({"q": typed, **address}))
        request = asked.request(services.scopes(actor), now.date())
        found = suggestions.suggest(session, app.extensions["search"], typed, request)
        words = [(word.shown, word.hits) for word in found.words]
        return words, [listing.accepted_revision.title for listing in found.listings]


#: Texts that bring no word into play beside titles and keywords.
OFFER = {"use": "寿命延长一倍", "problem": "以前寿命太短。", "principle": "按比例混合后加热。"}
WISH = {
    "goal": "寿命延长一倍",
    "current_state": "现在三个月就坏，停机更换损失大，需要改进。",
    "tried": "",
    "limits": "",
}


def stocked(app, market, now) -> None:
    post(market, now, factories.achievement(title="耐高温涂层的制备", keywords=("PLC控制",), **OFFER))
    post(market, now, factories.achievement(title="耐高温轴承", keywords=(), **OFFER))
    post(market, now, factories.demand(title="寻找耐高温涂层", keywords=(), **WISH))
    run_pass(app)


@pytest.mark.parametrize(
    "typed", ["耐高", "耐高温", "naigao", "ngw", "耐gaow", "耐高溫", "ｎａｉｇａｏ", "NaiGao", "nai gao"]
)
def test_text_pinyin_and_initials_bring_the_same_word_first(app, engine, market, now, typed):
    stocked(app, market, now)
    words, titles = offered(app, now, typed)
    assert words[0] == ("耐高温", 3)
    assert ("耐高温涂层", 2) in words
    assert set(titles) == {"耐高温涂层的制备", "耐高温轴承", "寻找耐高温涂层"}
    if typed != "nai gao":
        assert titles[0].startswith("耐高温"), "titles that begin as typed come first"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("plc kong", [("PLC控制", 1)]),
        ("plckz", [("PLC控制", 1)]),
        ("ＰＬＣ", [("PLC", 1), ("PLC控制", 1)]),
        ("耐高温 zhouc", [("耐高温轴承", 1)]),
        ("制备 tuc", [("制备 涂层", 1)]),
        ("轴承 耐高温 tu", []),  # nothing holds all three
        ("n", []),
        ("", []),
        ("！", []),
        ("没有的", []),
        ("耐高tu", []),
    ],
)
def test_mixed_and_several_words(app, engine, market, now, typed, expected):
    stocked(app, market, now)
    assert offered(app, now, typed)[0] == expected


def test_a_word_is_counted_as_its_own_search_would_be(app, engine, market, now):
    stocked(app, market, now)
    words, _titles = offered(app, now, "ngw", kind="demand")
    assert words == [("耐高温", 1), ("耐高温涂层", 1)]
    for text, hits in words:
        asked = forms.read(MultiDict({"q": text, "kind": "demand"}))
        with unit_of_work() as session:
            request = asked.request(services.scopes(VISITOR), now.date())
            assert services.search(session, engine, VISITOR, request).result.strict_total == hits


def test_without_an_engine_words_are_suggested_uncounted(app, market, now, monkeypatch):
    stocked(app, market, now)

    def away(_requests):
        raise EngineUnavailable("down")

    monkeypatch.setattr(app.extensions["search"], "totals", away)
    assert offered(app, now, "ngw")[0][0] == ("耐高温", None)


def test_what_is_withdrawn_is_gone_at_once_and_forgotten_by_the_worker(app, engine, market, now):
    number = post(market, now, factories.demand(title="钕铁硼磁体回收", keywords=("晶界扩散",)))
    run_pass(app)
    assert offered(app, now, "ndpc") == ([], []) and offered(app, now, "ntp")[1] == ["钕铁硼磁体回收"]
    with unit_of_work() as session:
        version = find_listing(session, number).version
        publication.withdraw(session, market[1], number, "solved", version=version, now=now)
    for typed in ("钕铁硼", "ntp", "晶界"):
        assert offered(app, now, typed) == ([], []), typed
    run_pass(app)
    with unit_of_work() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in TABLES] == [0] * 5


def test_what_is_limited_is_suggested_to_nobody(app, engine, market, now):
    number = post(
        market, now, factories.demand(title="铌酸锂晶片抛光", keywords=("化学机械抛光",), limited=True)
    )
    run_pass(app)
    for actor in (VISITOR, market[1]):
        for typed in ("铌酸", "nsl", "化学机械", "抛光"):
            assert offered(app, now, typed, actor) == ([], []), typed
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(VocabularyWord)) == 0
        find_listing(session, number).limited = False
        vocabulary.refresh(session, [find_listing(session, number).id])
    assert offered(app, now, "nsl")[1] == ["铌酸锂晶片抛光"]


def test_what_becomes_limited_is_gone_before_the_worker_comes_round(app, market, now):
    number = post(market, now, factories.demand(title="铌酸锂晶片抛光", keywords=()))
    run_pass(app)
    assert offered(app, now, "铌酸")[1] == ["铌酸锂晶片抛光"]
    with unit_of_work() as session:
        find_listing(session, number).limited = True
    assert offered(app, now, "铌酸") == ([], [])


def test_details_under_confidentiality_bring_no_word(app, market, now):
    content = factories.achievement(
        title="某种粉体的制备",
        principle="以钇稳定氧化锆为配方，按比例混合后加热。",
        confidentiality="after_agreement",
        keywords=(),
    )
    post(market, now, content)
    run_pass(app)
    assert offered(app, now, "氧化锆") == ([], [])


def test_a_new_title_takes_the_place_of_the_old(app, market, now):
    number = post(market, now, factories.demand(title="羊绒分梳机", keywords=()))
    run_pass(app)
    with unit_of_work() as session:
        revision = drafts.edit(session, market[1], number, now=now)
        changed = {"title": "驼绒分梳机"}
        drafts.save(session, market[1], revision.id, changed, version=revision.version, now=now)
        drafts.submit(session, market[1], revision.id, version=revision.version, now=now)
        publication.accept(session, market[2], revision.id, version=revision.version, now=now)
    run_pass(app)
    assert offered(app, now, "羊绒") == ([], [])
    assert offered(app, now, "tr")[1] == ["驼绒分梳机"]


def snapshot(session) -> list:
    words = dict(session.execute(select(VocabularyWord.id, VocabularyWord.word)).all())
    uses = session.execute(select(VocabularyUse.listing_id, VocabularyUse.word_id, VocabularyUse.in_title))
    counts = session.execute(select(VocabularyWord.word, VocabularyWord.shown, VocabularyWord.listings))
    keys = session.execute(select(VocabularyPrefix.word_id, VocabularyPrefix.key, VocabularyPrefix.tier))
    slips = session.execute(select(VocabularySlip.word_id, VocabularySlip.key))
    titles = session.execute(select(TitlePrefix.listing_id, TitlePrefix.key))
    return [
        sorted((listing, words[word], title) for listing, word, title in uses),
        sorted(counts.all()),
        sorted((words[word], key, tier) for word, key, tier in keys),
        sorted((words[word], key) for word, key in slips),
        sorted(titles.all()),
    ]


def test_making_the_vocabulary_anew_comes_to_what_the_changes_came_to(app, market, now, monkeypatch):
    stocked(app, market, now)
    monkeypatch.setattr(vocabulary, "SLICE", 2)
    with unit_of_work() as session:
        before = snapshot(session)
        assert len(before[0]) > 10 and all(before)
        session.get_one(VocabularyBuild, 1).rules = "older"
    read = []
    while not read or read[-1]:
        with unit_of_work() as session:
            read.append(vocabulary.make(session, now=now))
    assert read == [2, 1, 0]
    with unit_of_work() as session:
        assert snapshot(session) == before
        assert vocabulary.make(session, now=now) == 0


def test_a_term_that_staff_add_is_suggested_after_the_listings_were_read_again(app, market, now):
    number = post(market, now, factories.demand(title="寻找高熵膜镀层", keywords=(), **WISH))
    run_pass(app)
    assert offered(app, now, "gsm")[0] == [("高熵膜镀层", 1)]
    with dictionary.trying(dictionary.Additions(terms=("高熵膜",))):
        with unit_of_work() as session:
            before = len(snapshot(session)[0])
            assert vocabulary.make(session, now=now) == 1 and find_listing(session, number) is not None
            assert len(snapshot(session)[0]) >= before
            assert vocabulary.make(session, now=now) == 0
        app.extensions["search"].rebuild(documents.everything(db.session))
        assert offered(app, now, "gsm")[0][0] == ("高熵膜", 1)


def test_counts_and_tiers_stay_those_of_the_uses_through_any_changes(app, market, now):
    titles = ("耐高温涂层", "耐高温轴承", "涂层轴承", "耐高温涂层轴承", "高温涂层")
    numbers = [post(market, now, factories.demand(title=f"寻找{t}办法", keywords=(), **WISH)) for t in titles]
    run_pass(app)
    for step in (numbers[0], numbers[3], numbers[1]):
        with unit_of_work() as session:
            version = find_listing(session, step).version
            publication.withdraw(session, market[1], step, "solved", version=version, now=now)
        run_pass(app)
        with unit_of_work() as session:
            uses = select(VocabularyUse.word_id, func.count()).group_by(VocabularyUse.word_id)
            counted = dict(session.execute(uses).all())
            words = dict(session.execute(select(VocabularyWord.id, VocabularyWord.listings)).all())
            assert words == counted and all(words.values())
            tiers = session.execute(select(VocabularyPrefix.word_id, VocabularyPrefix.tier)).all()
            assert {word for word, _tier in tiers} == words.keys()
            assert all(tier == vocabulary.tier(words[word]) for word, tier in tiers)


def test_reading_the_same_listings_twice_changes_nothing(app, market, now):
    stocked(app, market, now)
    with unit_of_work() as session:
        before = snapshot(session)
        vocabulary.refresh(session, [1, 2, 3, 3, 99_999])
        assert snapshot(session) == before


def test_the_commonest_words_come_first_however_many_begin_alike(app, market, now):
    with unit_of_work() as session:
        listing = find_listing(
            session, post(market, now, factories.demand(title="耐磨衬板长寿命", keywords=()))
        )
        run_pass(app)
        rows = []
        for number in range(3_000):
            rows.append(
                {"id": 1_000 + number, "word": f"耐{number:04d}", "shown": f"耐{number:04d}", "listings": 1}
            )
        rows[2_777]["listings"] = 90
        session.execute(VocabularyWord.__table__.insert(), rows)
        keys = [{"word_id": r["id"], "key": r["word"], "tier": vocabulary.tier(r["listings"])} for r in rows]
        session.execute(VocabularyPrefix.__table__.insert(), keys)
        uses = [{"listing_id": listing.id, "word_id": r["id"], "in_title": False} for r in rows]
        session.execute(VocabularyUse.__table__.insert(), uses)
        words = suggestions._public_words(session, suggestions._words(session, "耐"))
        assert words[0].word == "耐2777" and len(words) == suggestions.MOST_WORDS


@pytest.mark.parametrize(
    ("listings", "tier"), [(1, 1), (2, 2), (3, 2), (4, 3), (127, 7), (128, 8), (10**6, 8)]
)
def test_tiers_double(listings, tier):
    assert vocabulary.tier(listings) == tier


def test_the_session_is_left_clean(app, market, now):
    stocked(app, market, now)
    offered(app, now, "ngw")
    assert not db.session.dirty and not db.session.new
