"""The outbox: every change reaches every consumer, whoever dies and whatever fails."""

import os
import subprocess
import sys
import threading
from datetime import timedelta

from sqlalchemy import select, update

from marketplace import outbox, worker
from marketplace.extensions import db
from marketplace.outbox import OutboxRow
from marketplace.web.transaction import unit_of_work
from search.backend import EngineUnavailable


def emit(now, *ids: int) -> None:
    with unit_of_work() as session:
        for entity_id in ids:
            outbox.emit(session, "mail", entity_id, now=now)


def claim(now, limit: int = 100) -> list[int]:
    with unit_of_work() as session:
        return [event.entity_id for event in outbox.claim(session, "mail", now=now, limit=limit)]


def open_rows() -> list[OutboxRow]:
    with unit_of_work() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.done_at.is_(None)).order_by(OutboxRow.id))
        return list(rows)


def test_a_change_is_told_to_each_consumer_of_its_kind(app, now):
    with unit_of_work() as session:
        outbox.emit(session, "listing", 5, now=now)
        assert outbox.depth(session) == {"index": 1, "vocabulary": 1, "matching": 1, "pooling": 1}


def test_two_workers_at_once_never_claim_the_same_row(app, now):
    emit(now, *range(40))
    claimed: list[list[int]] = []
    barrier = threading.Barrier(2)

    def work():
        with app.app_context():
            barrier.wait()
            claimed.append(claim(now, 30))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = claimed
    assert not set(first) & set(second)
    rest = claim(now)
    assert sorted([*first, *second, *rest]) == list(range(40))


def test_what_a_dead_worker_held_is_given_out_again(app, now):
    emit(now, 1, 2)
    assert claim(now) == [1, 2]
    assert claim(now) == [], "this process lives"
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    with unit_of_work() as session:
        host = open_rows()[0].claimed_by.rpartition(":")[0]
        session.execute(update(OutboxRow).values(claimed_by=f"{host}:{child.pid}"))
    assert claim(now) == [1, 2]
    assert [row.attempts for row in open_rows()] == [1, 1], "being killed is not a failed attempt"
    assert open_rows()[0].claimed_by.endswith(f":{os.getpid()}")


def test_a_worker_elsewhere_keeps_its_rows_until_its_time_is_up(app, now):
    emit(now, 1)
    claim(now)
    with unit_of_work() as session:
        session.execute(update(OutboxRow).values(claimed_by="elsewhere:1"))
    assert claim(now + timedelta(minutes=9)) == []
    assert claim(now + timedelta(minutes=11)) == [1]


def test_a_failing_row_does_not_hold_up_the_others(app, now, monkeypatch):
    emit(now, 1, 2, 3)
    done: list[int] = []

    def work(events, _now):
        for event in events:
            if event.entity_id == 2:
                raise ValueError("cannot be read")
        done.extend(event.entity_id for event in events)

    monkeypatch.setattr(worker, "consumers", lambda app: {"mail": worker.Consumer(work)})
    assert worker.run_pass(app) == {"mail": 2}
    assert done == [1, 3]
    (failed,) = open_rows()
    assert failed.last_error == "ValueError: cannot be read" and failed.claimed_by is None
    assert worker.run_pass(app) == {}, "it waits before it is tried again"


def test_an_engine_that_is_away_costs_no_attempt(app, now, monkeypatch):
    emit(now, 1)

    def away(_events, _now):
        raise EngineUnavailable("down")

    monkeypatch.setattr(worker, "consumers", lambda app: {"mail": worker.Consumer(away)})
    assert worker.run_pass(app) == {}
    (row,) = open_rows()
    assert (row.attempts, row.claimed_by) == (0, None)


def test_an_engine_that_goes_away_while_rows_are_tried_one_by_one_costs_no_attempt(app, now, monkeypatch):
    emit(now, 1, 2, 3)

    def work(events, _now):
        if len(events) > 1:
            raise ValueError("one of them cannot be read")
        if events[0].entity_id == 2:
            raise EngineUnavailable("down")

    monkeypatch.setattr(worker, "consumers", lambda app: {"mail": worker.Consumer(work)})
    worker.run_pass(app)
    assert [(row.entity_id, row.attempts, row.last_error) for row in open_rows()] == [
        (2, 0, None),
        (3, 0, None),
    ]


def test_matching_hears_of_a_change_after_the_index(app, now, monkeypatch):
    heard: list[tuple[str, int]] = []
    away = [True]

    def told(name):
        def work(events, _now):
            if name == "index" and away:
                raise EngineUnavailable("down")
            heard.extend((name, event.entity_id) for event in events)

        return work

    names = worker.consumers(app)
    monkeypatch.setattr(
        worker,
        "consumers",
        lambda app: {name: worker.Consumer(told(name), after=made.after) for name, made in names.items()},
    )
    with unit_of_work() as session:
        outbox.emit(session, "listing", 7, now=now)
    assert worker.run_pass(app) == {"vocabulary": 1}
    assert heard == [("vocabulary", 7)], "the index does not have it yet, and words need no index"
    away.clear()
    worker.run_pass(app)
    assert heard == [("vocabulary", 7), ("index", 7), ("matching", 7), ("pooling", 7)]


def test_a_change_the_index_cannot_take_does_not_hold_up_matching(app, now):
    with unit_of_work() as session:
        outbox.emit(session, "listing", 7, now=now)
        (event,) = outbox.claim(session, "index", now=now, limit=9)
        assert outbox.claim(session, "matching", now=now, limit=9, after="index") == [], "it is being written"
        outbox.fail(session, event, "cannot be read", now=now)
        assert len(outbox.claim(session, "matching", now=now, limit=9, after="index")) == 1


def test_a_row_that_never_works_is_given_up_and_kept(app, now):
    emit(now, 1)
    moment = now
    for _attempt in range(8):
        moment += timedelta(hours=1)
        with unit_of_work() as session:
            (event,) = outbox.claim(session, "mail", now=moment, limit=1)
            outbox.fail(session, event, "again", now=moment)
    assert claim(moment + timedelta(days=9)) == []
    assert [row.last_error for row in open_rows()] == ["again"]


def test_what_was_rolled_back_was_never_told(app, now):
    with unit_of_work() as session:
        outbox.emit(session, "mail", 1, now=now)
        session.flush()
        session.rollback()
    assert open_rows() == []
    assert db.session.get_bind() is db.engine
