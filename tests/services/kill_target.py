"""A process to be killed: publishes, edits, withdraws and indexes without end. Run by test_kills.py.

Usage: python -m tests.services.kill_target HOME SEED
"""

import random
import sys
from pathlib import Path

from marketplace.accounts.models import Membership, Organisation
from marketplace.app import create_app
from marketplace.extensions import db
from marketplace.listings.content import Kind
from marketplace.listings.models import Listing
from marketplace.listings.services import drafts, publication
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from tests import factories
from tests.conftest import settings_for


def main(home: Path, seed: int) -> None:
    """Write and index until killed; says `ready` once it is at work."""
    app = create_app(settings_for(home, f"sqlite:///{home / 'market.db'}"))
    chance = random.Random(seed)
    with app.app_context():
        now = app.extensions["clock"].now()
        print("ready", flush=True)
        while True:
            with unit_of_work() as session:
                act(session, chance, now)
            if chance.random() < 0.5:
                run_pass(app)


def act(session, chance: random.Random, now) -> None:
    """One random write of a person."""
    house = session.query(Organisation).filter_by(organisation_type="enterprise").one()
    member = next(
        factories.actor_of(session, m.user_id, now)
        for m in session.query(Membership).filter_by(organisation_id=house.id)
    )
    staff = next(
        factories.actor_of(session, m.user_id, now)
        for m in session.query(Membership).filter_by(role=Role.OPERATOR)
    )
    shown = session.query(Listing).filter_by(state="published").all()
    if shown and chance.random() < 0.4:
        listing = chance.choice(shown)
        publication.withdraw(session, member, listing.number, "试验", version=listing.version, now=now)
        return
    revision = drafts.start(session, member, Kind.DEMAND, house.id, now=now, content=factories.demand())
    drafts.submit(session, member, revision.id, version=revision.version, now=now)
    publication.accept(session, staff, revision.id, version=revision.version, now=now)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
    db.session.close()
