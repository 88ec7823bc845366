"""`flask pooling run`: clusters a market again, goes on after a stop, tells nobody of old news, says what is left."""

import socket
import subprocess
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from marketplace import outbox, worker
from marketplace.listings.models import Listing
from marketplace.notices.models import Notice
from marketplace.outbox import OutboxRow
from marketplace.pooling import consumer
from marketplace.pooling.cli import BACKLOG
from marketplace.web.transaction import unit_of_work
from search.backend import EngineUnavailable
from tests.services.pooling_market import Firms, groups, live, only_cluster


@pytest.fixture
def firms(app, now) -> Firms:
    return Firms(app, now)


@pytest.fixture
def numbers(firms) -> list[str]:
    """Four demands that are alike, of before there were clusters: the index knows them, nobody compared them."""
    made = [firms.ask(place) for place in range(4)]
    firms.app.extensions["worker"](only=("index",))
    with unit_of_work() as session:
        session.execute(update(OutboxRow).where(OutboxRow.consumer == "pooling").values(done_at=firms.now))
    return made


def command(firms: Firms, *arguments: str) -> tuple[int, str]:
    """Exit code and output of `flask pooling run …`."""
    result = firms.app.test_cli_runner().invoke(args=["pooling", "run", *arguments])
    return result.exit_code, result.output


def ids_of(session, numbers: list[str]) -> list[int]:
    return list(session.scalars(select(Listing.id).where(Listing.number.in_(numbers)).order_by(Listing.id)))


def a_process_that_is_gone() -> int:
    """The number of a process that has ended: what it had claimed is free."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    return process.pid


def told() -> list[int]:
    """Every notice and every mail that waits, by id."""
    with unit_of_work() as session:
        mails = select(OutboxRow.entity_id).where(OutboxRow.consumer == "mail", OutboxRow.done_at.is_(None))
        return [*session.scalars(select(Notice.id)), *session.scalars(mails)]


def test_without_the_option_only_what_waits_is_done(firms, numbers):
    assert BACKLOG.waiting() == 0
    assert command(firms) == (0, "")
    assert groups() == []
    numbers.append(firms.ask(4))
    assert command(firms) == (0, "")
    assert groups() == [tuple(numbers)], "the newcomer brings those together that are like it"


def test_all_clusters_everything_and_nobody_hears_of_old_news(firms, numbers):
    before = told()
    assert command(firms, "--all") == (0, "")
    assert groups() == [tuple(numbers)] and BACKLOG.waiting() == 0
    assert told() == before
    with unit_of_work() as session:
        cluster = only_cluster(session)
        assert cluster.state == "proposed" and {m.asked_at for m in cluster.live_members} == {None}


def test_a_second_run_changes_nothing_of_what_people_answered(firms):
    numbers = [firms.ask(place) for place in range(3)]
    firms.work()
    firms.answer(numbers[0], "agree", counts_budget=True)
    firms.answer(numbers[1], "decline")
    with unit_of_work() as session:
        before = [(m.id, m.state, m.counts_budget, m.asked_at) for m in only_cluster(session).members]
    heard = told()
    assert command(firms, "--all") == (0, "")
    assert told() == heard
    with unit_of_work() as session:
        assert [(m.id, m.state, m.counts_budget, m.asked_at) for m in only_cluster(session).members] == before
        assert {live(session, number).state for number in numbers} == {"agreed", "declined", "waiting"}


def test_progress_is_told_batch_by_batch(firms, numbers, monkeypatch):
    steps: list[int] = []
    one_by_one = firms.app.extensions["worker"]
    BACKLOG.add(lambda session: ids_of(session, numbers))
    assert BACKLOG.waiting() == 4
    seen: list[tuple[str, int]] = []

    def watched(only, report):
        return one_by_one(
            only=only, report=lambda name, count: (seen.append((name, count)), report(name, count))
        )

    monkeypatch.setitem(firms.app.extensions, "worker", watched)
    assert BACKLOG.work(steps.append) == 0
    assert steps == [4] and seen == [("pooling", 4)], "the index had nothing to do"


def test_stopped_half_way_it_goes_on_where_it_stopped(firms, numbers, monkeypatch):
    looked: list[int] = []
    bring, everybody = consumer._bring_up_to_date, worker.consumers

    def stops(matcher, listing_id, **options):
        if len(looked) == 2:
            raise KeyboardInterrupt
        looked.append(listing_id)
        bring(matcher, listing_id, **options)

    with monkeypatch.context() as patch:
        patch.setattr(consumer, "_bring_up_to_date", stops)
        patch.setattr(
            worker,
            "consumers",
            lambda app: {**everybody(app), "pooling": replace(everybody(app)["pooling"], batch=1)},
        )
        patch.setattr(outbox, "_me", lambda: f"{socket.gethostname()}:{a_process_that_is_gone()}")
        assert command(firms, "--all")[0] == 1
    assert len(looked) == 2 and BACKLOG.waiting() == 2
    assert groups() == [tuple(numbers)], "the first already finds all that are like it"
    with monkeypatch.context() as patch:
        patch.setattr(consumer, "_bring_up_to_date", lambda _matcher, number, **_more: looked.append(number))
        assert command(firms) == (0, "")
    assert BACKLOG.waiting() == 0
    with unit_of_work() as session:
        assert looked == ids_of(session, numbers), "each once, none twice"


def test_it_fails_with_a_sentence_while_no_engine_answers(firms, numbers, monkeypatch):
    def away(*_args, **_more):
        raise EngineUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(firms.app.extensions["search"], "candidates", away)
        code, output = command(firms, "--all")
        assert code == 1 and output.endswith("pooling: 4 demands still wait; see the worker's log\n")
        again = command(firms, "--all")
        assert again[0] == 1 and "4 demands still wait" in again[1], "what waits is not put twice"
    with unit_of_work() as session:
        rows = session.scalars(
            select(OutboxRow).where(OutboxRow.done_at.is_(None), OutboxRow.consumer == "pooling")
        )
        assert [(row.attempts, row.quiet) for row in rows] == [(0, True)] * 4
    assert command(firms) == (0, "")
    assert groups() == [tuple(numbers)]
