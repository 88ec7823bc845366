"""First stage: an achievement and a demand are posted, looked at, published; their match is accepted."""

import re

from playwright.sync_api import expect

from marketplace.listings.content import AchievementContent, DemandContent
from tests import factories
from tests.browser.walk.walker import Walker


def post_and_match(walker: Walker) -> None:
    """Researcher, unit manager, staff, enterprise, staff, and the enterprise at its match."""
    walker.change_to("researcher")
    post_achievement(walker, factories.achievement())
    review(walker, "manager", "同意发布")
    review(walker, "operator", "通过并发布")
    walker.market.work()
    walker.change_to("member")
    post_demand(walker, factories.demand())
    review(walker, "operator", "通过并发布")
    walker.market.work()
    accept_match(walker)


def post_achievement(walker: Walker, content: AchievementContent) -> None:
    walker.open("发布成果")
    walker.fill(title=content.title, use=content.use, problem=content.problem, principle=content.principle)
    walker.next_step("achievement-about")
    scope(walker, content)
    for number, row in enumerate(content.indicators):
        if number:
            walker.press("增加一行")
        place = f"indicators__{number}__"
        walker.fill(**{f"{place}name": row.name, f"{place}value": row.value, f"{place}unit": row.unit})
    walker.next_step("achievement-indicators")
    walker.hands.choose("trl", str(content.trl))
    walker.fill(trl_note=content.trl_note)
    walker.hands.choose("ownership", content.ownership)
    walker.next_step("achievement-rights")
    walker.hands.choose("modes", content.modes[0])
    walker.hands.choose("price_kind", content.price_kind)
    walker.fill(price_min_fen="45", price_max_fen="60")
    walker.hands.choose("pricing_mode", content.pricing_mode)
    walker.fill(contact_name=content.contact_name, contact_phone=content.contact_phone)
    walker.next_step("achievement-terms")
    hand_in(walker, "achievement")


def post_demand(walker: Walker, content: DemandContent) -> None:
    walker.open("发布需求")
    walker.fill(title=content.title, current_state=content.current_state, goal=content.goal)
    walker.next_step("demand-about")
    for number, row in enumerate(content.indicators):
        if number:
            walker.press("增加一行")
        place = f"indicators__{number}__"
        walker.fill(**{f"{place}name": row.name, f"{place}target": row.target, f"{place}unit": row.unit})
    walker.fill(solve_by=content.solve_by.isoformat())
    walker.next_step("demand-indicators")
    scope(walker, content)
    walker.hands.choose("modes", content.modes[0])
    walker.hands.choose("price_kind", content.price_kind)
    walker.fill(price_min_fen="30", price_max_fen="50")
    walker.next_step("demand-terms")
    walker.fill(contact_name=content.contact_name, contact_phone=content.contact_phone)
    walker.next_step("demand-audience")
    hand_in(walker, "demand")


def scope(walker: Walker, content: AchievementContent | DemandContent) -> None:
    walker.hands.select(walker.field("field_codes-0"), content.field_codes[0])
    walker.hands.select(walker.field("industry_codes-0"), content.industry_codes[0])
    walker.hands.select(walker.field("region_code"), content.region_code)
    walker.next_step("scope")


def hand_in(walker: Walker, kind: str) -> None:
    walker.look(f"{kind}-check")
    walker.press("确认并提交")
    expect(walker.page.get_by_text("已提交审核")).to_be_visible()
    walker.look(f"{kind}-submitted")


def review(walker: Walker, person: str, button: str) -> None:
    walker.change_to(person)
    walker.open("去审核")
    walker.look(f"review-{person}")
    walker.press(button)
    expect(walker.page.get_by_text("已办理")).to_be_visible()


def accept_match(walker: Walker) -> None:
    walker.change_to("member")
    walker.open("看匹配")
    page = walker.page
    page.locator(".tm-match").click()  # a narrow page shows the list first
    expect(page.get_by_role("heading", name=re.compile("为什么是 .* 分"))).to_be_visible()
    expect(page.locator("main").get_by_text(re.compile("差.2.HRC")).first).to_be_visible()
    expect(page.get_by_text(re.compile("两边都有")).first).to_be_visible()
    walker.look("matches")
    walker.press("接受这项匹配")
    expect(page).to_have_url(re.compile(r"/deals/\w"))
    expect(page.locator("main").get_by_text(factories.achievement().title).first).to_be_visible()
    walker.look("accepted")
