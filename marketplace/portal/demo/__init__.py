"""The demonstration market: invented organisations, people and listings, loaded through the services that the
pages use. Its texts are in seed_data/demo; all dates count back from the market's clock.
"""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from marketplace.errors import N_, Conflict
from marketplace.portal.demo import documents, houses, pools, posts, subsidies, trades
from marketplace.portal.demo.documents import PASSWORD, Account
from marketplace.web.transaction import unit_of_work

__all__ = ["PASSWORD", "Account", "accounts", "load"]

#: How long ago the organisations joined, before the oldest listing.
_FOUNDED = timedelta(days=520)


def load(app: Flask, report: Callable[[str], None]) -> bool:
    """Load what is not there yet, part by part, each in a transaction of its own; returns whether anything was.

    Raises Conflict in production.
    """
    if app.extensions["settings"].production:
        raise Conflict(N_("演示市场只用于试用和开发，正式环境不载入。如需试用，请另设 MARKETPLACE_HOME。"))
    now, storage = app.extensions["clock"].now(), app.extensions["storage"]
    seed = documents.read()
    with unit_of_work() as session:
        entered = houses.enter(session, storage, seed, now=now - _FOUNDED)
    report(f"demo market: {entered} organisations")
    with unit_of_work() as session:
        placed = posts.place(session, storage, seed, now=now)
    report(f"demo market: {placed} listings")
    with unit_of_work() as session:
        traded = trades.trade(session, storage, seed, now=now)
    report(f"demo market: {traded} deals")
    with unit_of_work() as session:
        applied = subsidies.grant(session, storage, seed, now=now)
    report(f"demo market: {applied} subsidy applications")
    pooled = pools.pool(app, seed, now=now)
    report(f"demo market: {pooled} groups of near-duplicate demands")
    return bool(entered or placed or traded or applied or pooled)


def accounts() -> list[Account]:
    """The demonstration accounts, each role's first one first. As text an account is a line to print."""
    return documents.read().accounts()
