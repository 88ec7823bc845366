"""What was shown to whom under which version, what became of it, and matching the whole market again."""

import pytest
from sqlalchemy import select, update

from marketplace.errors import Forbidden
from marketplace.matching.cli import BACKLOG
from marketplace.matching.models import MatchRun, MatchShowing
from marketplace.matching.services import outcomes, pairs, runs
from marketplace.matching.services.outcomes import LEAST_JUDGED_DEMANDS, Tally
from marketplace.notices.models import Notice
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from search.backend import EngineUnavailable
from search.matching import ALGORITHM_VERSION
from tests.services.trading_market import Market


@pytest.fixture
def market(app, now) -> Market:
    return Market(app, now)


def show(market, actor, number) -> None:
    """Open the list as the page does."""
    with unit_of_work() as session:
        showings = pairs.new_showings(session, pairs.matches_of(session, actor, number), market.now)
    with unit_of_work() as session:
        pairs.note_showings(session, showings)


def showings() -> list[tuple]:
    with unit_of_work() as session:
        rows = session.scalars(select(MatchShowing).order_by(MatchShowing.id))
        return [(row.side, row.algorithm, row.position) for row in rows]


def test_a_pair_counts_once_per_side_and_version(app, market):
    offered, asked = market.offer(), market.ask()
    run_pass(app)
    for _ in range(2):
        show(market, market.member, asked)
    show(market, market.researcher, offered)
    assert showings() == [("demand", ALGORITHM_VERSION, 1), ("achievement", ALGORITHM_VERSION, 1)]


def seen_and_grown(app, market) -> str:
    """A demand whose list was opened with one match and then won a second; returns its number."""
    market.offer()
    asked = market.ask()
    run_pass(app)
    show(market, market.member, asked)
    market.offer(title="高炉风口表面耐磨涂层的等离子堆焊修复")
    run_pass(app)
    return asked


def test_a_list_seen_before_has_nothing_new_to_keep(app, market):
    asked = seen_and_grown(app, market)
    with unit_of_work() as session:
        own = pairs.matches_of(session, market.member, asked)
        assert len(own.pairs) == 2
        assert len(pairs.new_showings(session, own, market.now)) == 1
    show(market, market.member, asked)
    with unit_of_work() as session:
        assert pairs.new_showings(session, pairs.matches_of(session, market.member, asked), market.now) == []


def test_a_run_that_somebody_saw_is_kept(app, market):
    seen_and_grown(app, market)
    market.offer(title="高炉风口表面耐磨涂层的等离子喷涂修复")
    run_pass(app)
    with unit_of_work() as session:
        assert len(session.scalars(select(MatchRun.id)).all()) == 2, "the one seen and the newest"


def test_a_run_replaced_between_showing_and_noting_is_not_noted(app, market):
    market.offer()
    asked = market.ask()
    run_pass(app)
    with unit_of_work() as session:
        stale = pairs.new_showings(session, pairs.matches_of(session, market.member, asked), market.now)
    market.offer(title="高炉风口表面耐磨涂层的等离子堆焊修复")
    run_pass(app)
    with unit_of_work() as session:
        pairs.note_showings(session, stale)
    assert showings() == []


def test_staff_see_what_was_shown_accepted_and_declined(app, market):
    offered = [market.offer(title=f"高炉风口表面耐磨涂层的等离子堆焊修复{place}") for place in range(4)]
    asked = market.ask()
    run_pass(app)
    show(market, market.member, asked)
    order = market.seen(market.member, asked)
    assert sorted(order) == sorted(offered)
    market.decide(market.member, asked, order[0], "accepted")
    market.decide(market.member, asked, order[3], "declined", reason_code="maturity")
    # What the other side decides does not count for the demand's list.
    market.decide(market.researcher, order[1], asked, "declined", reason_code="region")
    with unit_of_work() as session:
        found = outcomes.outcomes(session, market.operator)
    assert [tally for tally in found.by_band if tally.shown] == [
        Tally(ALGORITHM_VERSION, found.by_band[0].group, shown=4, accepted=1, declined=1)
    ]
    assert found.by_place == [
        Tally(ALGORITHM_VERSION, "1-3", shown=3, accepted=1, declined=0),
        Tally(ALGORITHM_VERSION, "4-10", shown=1, accepted=0, declined=1),
    ]
    assert found.reasons == {"maturity": 1, "region": 1}
    assert (found.ranking.judged_demands, found.ranking.figures) == (1, {})


def test_the_sites_own_judgments_measure_the_ranking(app, market):
    offered = [market.offer(title=f"高炉风口表面耐磨涂层的等离子堆焊修复{place}") for place in range(2)]
    asked = [market.ask(title=f"高炉风口套表面耐磨涂层{place}") for place in range(LEAST_JUDGED_DEMANDS)]
    run_pass(app)
    for number in asked:
        first, second = market.seen(market.member, number)
        market.decide(market.member, number, first, "declined", reason_code="unrelated")
        market.decide(market.member, number, second, "accepted")
    with unit_of_work() as session:
        ranking = outcomes.outcomes(session, market.operator).ranking
    assert ranking.judged_demands == LEAST_JUDGED_DEMANDS
    # The accepted one always stood second: the precision there is one half, and one of five places is right.
    assert (ranking.figures["map"].value, ranking.figures["p5"].value) == (0.5, 0.2)
    assert ranking.figures["ndcg10"].value is None, "two judgments are too few for it"
    assert len(offered) == 2


def test_only_staff_may_study(app, market):
    with pytest.raises(Forbidden), unit_of_work() as session:
        outcomes.outcomes(session, market.member)


def _made_by_an_older_version(number_of_runs: int) -> None:
    with unit_of_work() as session:
        ids = session.scalars(select(MatchRun.id).order_by(MatchRun.id).limit(number_of_runs)).all()
        session.execute(update(MatchRun).where(MatchRun.id.in_(ids)).values(algorithm="m0.9"))


def test_only_what_another_version_made_is_matched_again_and_nobody_is_told(app, market):
    market.offer()
    for place in range(3):
        market.ask(title=f"高炉风口套表面耐磨涂层{place}")
    run_pass(app)
    _made_by_an_older_version(2)
    with unit_of_work() as session:
        before = session.scalars(select(Notice.id)).all()
        assert len(runs.stale_demands(session)) == 2
    BACKLOG.add(runs.stale_demands)
    assert BACKLOG.waiting() == 2
    steps: list[int] = []
    assert BACKLOG.work(steps.append) == 0
    assert sum(steps) == 2
    with unit_of_work() as session:
        assert runs.stale_demands(session) == []
        assert set(session.scalars(select(MatchRun.algorithm))) == {ALGORITHM_VERSION}
        assert session.scalars(select(Notice.id)).all() == before


def test_new_word_lists_make_every_run_stale(app, market):
    market.offer()
    market.ask()
    run_pass(app)
    with unit_of_work() as session:
        session.execute(update(MatchRun).values(dictionary="another"))
    with unit_of_work() as session:
        assert len(runs.stale_demands(session)) == 1


def test_the_command_says_how_it_went_and_goes_on_where_it_stopped(app, market):
    market.offer()
    market.ask()
    run_pass(app)
    _made_by_an_older_version(1)
    BACKLOG.add(runs.stale_demands)
    command = app.test_cli_runner()
    done = command.invoke(args=["matching", "run"])
    assert (done.exit_code, BACKLOG.waiting()) == (0, 0), "what waited from before"
    assert command.invoke(args=["matching", "run", "--anew"]).exit_code == 0


def test_the_command_fails_while_no_engine_answers(app, market, monkeypatch):
    market.offer()
    market.ask()
    run_pass(app)

    def away(*_args, **_more):
        raise EngineUnavailable("gone")

    monkeypatch.setattr(app.extensions["search"], "candidates", away)
    done = app.test_cli_runner().invoke(args=["matching", "run", "--anew"])
    assert done.exit_code == 1
    assert "1 demands still wait" in done.output
