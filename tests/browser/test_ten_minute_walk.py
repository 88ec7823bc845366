"""The ten-minute walk of the README: one record from an achievement and a demand to an award and its check.

Once at 1366 px by keyboard alone, with axe on every page; once at 390 px without script. The clock starts on
2025-03-03 and is moved where the law asks for days.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from marketplace.accounts.models import User
from marketplace.contracts.models import RegistrationAgency
from marketplace.permissions import Role
from marketplace.web.transaction import unit_of_work
from tests import factories, subsidy_factories
from tests.browser.conftest import Market
from tests.browser.walk.posting import post_and_match
from tests.browser.walk.supporting import apply_and_award
from tests.browser.walk.trading import trade_and_register
from tests.browser.walk.visiting import check_and_read
from tests.browser.walk.walker import WAY_NAMES, WAYS, Walker

pytestmark = [pytest.mark.browser, pytest.mark.long]


@pytest.fixture
def opens() -> datetime:
    return datetime(2025, 3, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
def staffed(market: Market, opens: datetime) -> Market:
    """The market with a registrar and the four levels that review a subsidy."""

    def settle() -> None:
        with unit_of_work() as session:
            office = factories.organisation(session, now=opens, kind="registration_agency")
            session.add(
                RegistrationAgency(
                    organisation_id=office.id, region_code="150000", region4="1500", point="01"
                )
            )
            people = vars(subsidy_factories.bureau(session, now=opens))
            people["registrar"] = factories.actor(session, Role.REGISTRAR, office, now=opens)
            for name, actor in people.items():
                market.addresses[name] = session.get_one(User, actor.user_id).email

    market.do(settle)
    return market


@pytest.mark.parametrize(("width", "height", "script"), WAYS, ids=WAY_NAMES)
def test_from_posting_to_the_award(
    staffed: Market, opened, tmp_path: Path, width: int, height: int, script: bool
):
    scan = tmp_path / "合同.pdf"
    scan.write_bytes(b"%PDF-1.7 signed")
    walker = Walker(staffed, opened(width, height, script), script)
    post_and_match(walker)
    trade_and_register(walker, scan)
    apply_and_award(walker, scan)
    check_and_read(walker)
