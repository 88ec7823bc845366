"""A form that arrives twice at the same moment makes one record."""

import threading

from sqlalchemy import func, select

from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from tests import factories


def test_two_identical_posts_at_once_make_one_draft(app, now):
    with unit_of_work() as session:
        house = factories.organisation(session, now=now)
        person = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now)
    barrier = threading.Barrier(2)
    locations: list[str | None] = []

    def post():
        client = app.test_client()
        with client.session_transaction() as cookies:
            cookies["_user_id"] = f"{person.user_id}:0"
        barrier.wait()
        typed = {"title": "高炉风口套表面耐磨涂层", "submission_key": "the same key"}
        locations.append(client.post("/listings/new/demand", data=typed).location)

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert locations[0] == locations[1] is not None
    assert db.session.scalar(select(func.count(Listing.id))) == 1
