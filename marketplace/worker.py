"""The background process: reads the outbox for each consumer and does its work in batches.

Everything it does can be repeated: a batch is claimed, worked off and marked done in three short
transactions, so that a worker killed at any moment leaves nothing half done. Any number may run.
"""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from marketplace import outbox
from marketplace.clock import legal_day
from marketplace.contracts.services import registration
from marketplace.deals.services import publicity
from marketplace.discovery import consumer as discovery
from marketplace.discovery.saved import digester
from marketplace.discovery.services import popular, vocabulary
from marketplace.extensions import db
from marketplace.indexing import consumer as indexing
from marketplace.lexicon import consumer as lexicon
from marketplace.listings import freshness_round
from marketplace.matching import consumer as matching
from marketplace.notices import delivery
from marketplace.outbox import Event
from marketplace.pooling import consumer as pooling
from marketplace.pooling import gap_survey
from marketplace.web.transaction import unit_of_work
from search import tokenizer
from search.backend import EngineUnavailable

log = structlog.get_logger(__name__)

BATCH = 500


@dataclass(frozen=True)
class Consumer:
    """What one reader of the outbox does with a batch, how large a batch it takes, and who must go first."""

    work: Callable[[list[Event], datetime], None]
    batch: int = BATCH
    after: str | None = None


def consumers(app: Flask) -> Mapping[str, Consumer]:
    """Who hears of what, in the order in which it must happen: the index before the matches from it."""
    settings, engine = app.extensions["settings"], app.extensions["search"]

    def send(events: list[Event], now: datetime) -> None:
        delivery.deliver(
            db.session,
            app.extensions["carrier"],
            events,
            now=now,
            sender=settings.mail_from,
            base_url=settings.base_url,
        )

    return {
        "lexicon": Consumer(
            lambda events, now: lexicon.consume(engine, events, now=now, processes=settings.rebuild_processes)
        ),
        "index": Consumer(lambda events, now: indexing.consume(db.session, engine, events), 2000),
        "vocabulary": Consumer(lambda events, now: discovery.consume(events), vocabulary.SLICE),
        "matching": Consumer(lambda events, now: matching.consume(engine, events, now=now), 200, "index"),
        "pooling": Consumer(lambda events, now: pooling.consume(engine, events, now=now), 200, "index"),
        "mail": Consumer(send, 50),
    }


def run_pass(
    app: Flask,
    only: Collection[str] | None = None,
    report: Callable[[str, int], None] = lambda name, count: None,
) -> dict[str, int]:
    """Work until every consumer (or those named) has nothing left to do; returns how many rows each did."""
    done: dict[str, int] = {}
    app.extensions["lexicon"].refresh(db.session, at_once=True)
    db.session.rollback()
    for name, consumer in consumers(app).items():
        if only is not None and name not in only:
            continue
        while count := _batch(app, name, consumer):
            done[name] = done.get(name, 0) + count
            report(name, done[name])
    if only is None:
        done.update(_due(app))
        done.update(_digests(app))
        done.update(_freshness(app))
        done.update(_gaps(app))
    return done


#: What the calendar brings about, looked for in every pass: name → work, which returns how much it did.
DUE: Mapping[str, Callable[..., int]] = {
    "price publicities": publicity.confirm_due,
    "overdue supplements": registration.lapse_due,
    "vocabulary made": vocabulary.make,
    "popular searches": popular.settle,
}


def _due(app: Flask) -> dict[str, int]:
    """Do what has become due by now; returns what was done."""
    done = {}
    for name, work in DUE.items():
        with unit_of_work() as session:
            count = work(session, now=app.extensions["clock"].now())
        if count:
            done[name] = count
    return done


def _digests(app: Flask) -> dict[str, int]:
    """Tell people what is new for the searches they saved; returns what was done."""
    now = app.extensions["clock"].now()
    made = digester.run(app.extensions["search"], secret=app.secret_key, now=now)
    return {"search digests": made} if made else {}


def _freshness(app: Flask) -> dict[str, int]:
    """Reminders and listings whose days are over. Days change once a day: what found nothing rests until then."""
    now = app.extensions["clock"].now()
    if app.extensions.get("freshness_rests_on") == legal_day(now):
        return {}
    done = freshness_round.run(secret=app.secret_key, now=now)
    if not done:
        app.extensions["freshness_rests_on"] = legal_day(now)
    return done


def _gaps(app: Flask) -> dict[str, int]:
    """Supply counted against demand, at most once an hour."""
    return {"gap surveys": 1} if gap_survey.run(now=app.extensions["clock"].now()) else {}


def run(app: Flask) -> None:
    """Run until stopped: the outbox every second."""
    tokenizer.warm_up()
    # A pass that takes longer than the interval is normal (bulk work); the scheduler need not tell.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BlockingScheduler(timezone="Asia/Shanghai")

    def drain():
        with app.app_context():
            run_pass(app)

    scheduler.add_job(drain, "interval", seconds=1, max_instances=1, coalesce=True)
    scheduler.start()


def _batch(app: Flask, name: str, consumer: Consumer) -> int:
    """One batch: claim, work, finish. Returns the rows finished."""
    clock = app.extensions["clock"]
    with unit_of_work() as session:
        events = outbox.claim(session, name, now=clock.now(), limit=consumer.batch, after=consumer.after)
    if not events:
        return 0
    try:
        consumer.work(events, clock.now())
    except EngineUnavailable as error:
        _give_back(name, events, error)
        return 0
    except Exception as error:
        return _one_by_one(name, consumer, events, clock.now(), error)
    with unit_of_work() as session:
        outbox.finish(session, events, now=clock.now())
    return len(events)


def _give_back(name: str, events: list[Event], error: EngineUnavailable) -> None:
    """The engine is away: the rows wait as if they had not been touched."""
    log.warning("search engine not available", consumer=name, error=str(error))
    with unit_of_work() as session:
        outbox.release(session, events)


def _one_by_one(name: str, consumer: Consumer, events: list[Event], now: datetime, error: Exception) -> int:
    """A batch failed: find the row at fault, so that it does not hold up the others."""
    if len(events) == 1:
        log.error("outbox row failed", consumer=name, row=events[0].id, exc_info=error)
        with unit_of_work() as session:
            outbox.fail(session, events[0], f"{type(error).__name__}: {error}", now=now)
        return 0
    finished = 0
    for place, event in enumerate(events):
        db.session.rollback()
        try:
            consumer.work([event], now)
        except EngineUnavailable as away:
            _give_back(name, events[place:], away)
            break
        except Exception as single:
            _one_by_one(name, consumer, [event], now, single)
            continue
        with unit_of_work() as session:
            outbox.finish(session, [event], now=now)
        finished += 1
    return finished
