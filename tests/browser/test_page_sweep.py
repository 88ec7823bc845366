"""Every page of the market in the narrowest and the usual window: axe, console, sideways scrolling."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.checks import look
from tests.browser.conftest import PASSWORD, Market

pytestmark = pytest.mark.browser

PUBLIC = {
    "home": "/",
    "search": "/search",
    "search-hits": "/search?q=涂层&kind=achievement",
    "search-meant": "/search?q=图层&region=999999",
    "search-nothing": "/search?q=不存在的东西&field=05&kind=demand",
    "search-tree": "/search/tree/industry?industry=C31&region=999999",
    "search-indicators": "/search/indicators?measure=硬度|HRC&from=五十&measure=",
    "search-ranges": "/search?measure=硬度|HRC&measure=&from=1&from=七&to=99&to=",
    "suggest": "/search/suggest?q=tc",
    "suggest-nothing": "/search/suggest?q=不存在的东西",
    "unsubscribe": "{unsubscribe}",
    "achievement": "/listings/{achievement}",
    "demand": "/listings/{demand}",
    "organisation": "/organisations/1",
    "pooled-demands": "/pooled-demands",
    "pooled-demand": "/pooled-demands/P2026-00001",
    "gaps": "/gaps",
    "gaps-closer": "/gaps?side=achievement&industry=C",
    "confirm-link": "{confirm}",
    "login": "/login",
    "register": "/register",
    "reset": "/accounts/reset",
    "about": "/about",
    "contact": "/contact",
    "help": "/help",
    "sitemap": "/sitemap",
    "privacy": "/privacy",
    "terms": "/terms",
    "registration-guide": "/registration-guide",
    "subsidy-guide": "/subsidy-guide",
    "dev-outbox": "/dev/outbox",
    "dev-clock": "/dev/clock",
    "dev-components": "/dev/components",
}
OWN = {
    "member": {
        "workbench-member": "/workbench",
        "mine": "/my/listings",
        "own-demand": "/my/listings/{demand}",
        "matches-demand": "/my/listings/{demand}/matches",
        "match-chosen": "/my/listings/{demand}/matches/{achievement}",
        "decline": "/my/listings/{demand}/matches/{achievement}/decline",
        "pause": "/my/listings/{demand}/pause",
        "withdraw": "/my/listings/{demand}/withdraw",
        "new-demand": "/listings/new/demand",
        "organisations": "/organisations",
        "organisation-edit": "/organisations/2/edit",
        "people": "/organisations/2/people",
        "organisation-new": "/organisations/new",
        "claim": "/organisations/claim",
        "notices": "/notices",
        "searches": "/my/searches",
        "search-keep": "/my/searches/new?q=涂层 硬度≥60HRC&kind=demand&field=05",
        "search-change": "/my/searches/1/edit",
        "search-delete": "/my/searches/1/delete",
        "search-digest": "/my/digests/1",
        "pools": "/my/pooled-demands",
        "pool-answer": "/my/pooled-demands/{place}",
    },
    "manager": {
        "workbench-manager": "/workbench",
        "new-achievement": "/listings/new/achievement",
        "matches-achievement": "/my/listings/{achievement}/matches",
        "approvals": "/unit/approvals",
        "pool-respond": "/pooled-demands/P2026-00001/respond",
    },
    "operator": {
        "workbench-operator": "/workbench",
        "staff-review": "/staff/review",
        "staff-organisations": "/staff/organisations",
        "decide": "/organisations/2/decide",
        "reset-for-person": "/staff/reset-password",
        "outcomes": "/staff/matching",
        "lexicon": "/staff/lexicon",
        "lexicon-preview": "/staff/lexicon/preview?kind=synonyms&words=涂层 镀层",
        "clusters": "/staff/pooled-demands",
        "cluster": "/staff/pooled-demands/1",
        "cluster-words": "/staff/pooled-demands/1/words",
        "cluster-merge": "/staff/pooled-demands/1/merge",
        "cluster-close": "/staff/pooled-demands/1/close",
        "cluster-remove": "/staff/pooled-demands/1/members/1/remove",
        "cluster-forward": "/staff/pooled-demands/1/responses/1/forward",
    },
}


def log_in(page, market: Market, name: str) -> None:
    page.goto("/login")
    page.get_by_label("电子邮箱或手机号").fill(market.addresses[name])
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.locator("#form").get_by_role("button", name="登录").click()
    page.wait_for_url("**/workbench")


@pytest.mark.parametrize("width", [320, 1366])
def test_public_pages(stocked: Market, opened, width: int):
    page = opened(width, 768)
    for name, path in PUBLIC.items():
        page.goto(path.format(**stocked.listings))
        look(page, f"sweep-{name}")


@pytest.mark.parametrize("width", [320, 1366])
@pytest.mark.parametrize("person", OWN)
def test_pages_of_each_role(stocked: Market, opened, width: int, person: str):
    page = opened(width, 768)
    log_in(page, stocked, person)
    for name, path in OWN[person].items():
        page.goto(path.format(**stocked.listings))
        look(page, f"sweep-{name}")


@pytest.mark.parametrize("width", [320, 1366])
def test_pages_of_listings_that_nobody_confirmed(stocked: Market, opened, width: int):
    page = opened(width, 768)
    # Both of the stocked listings turn grey, then off line.
    for days, name in ((105, "grey"), (16, "lapsed")):
        stocked.do(lambda days=days: stocked.app.extensions["clock"].move(timedelta(days=days)))
        stocked.work()
        stocked.work()
        log_in(page, stocked, "member")
        for path in ("/my/listings", "/my/listings/{demand}", "/notices", "{confirm}", "/search"):
            page.goto(path.format(**stocked.listings))
            look(page, f"sweep-{name}-{path.strip('/{}').replace('/', '-')}")
        page.goto("/my/listings")
        waits = page.locator("#waiting").get_by_text("没有确认" if name == "lapsed" else "待确认")
        expect(waits.first).to_be_visible()
        page.context.clear_cookies()


def test_pages_for_elders_and_of_high_contrast(stocked: Market, opened):
    page = opened(390, 844)
    for mode in ("elder", "elder-large", "contrast"):
        page.context.add_cookies([{"name": "display", "value": mode, "url": stocked.url}])
        for name in ("home", "search-hits", "achievement", "login"):
            page.goto(PUBLIC[name].format(**stocked.listings))
            look(page, f"{mode}-{name}")
