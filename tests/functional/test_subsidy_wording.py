"""What the pages of the subsidy say and offer first: reasons, next steps, each thing once."""

from datetime import timedelta

import pytest

from marketplace.contracts.services import payments
from marketplace.subsidies.services import applications, batches, reading, review
from tests import subsidy_factories as make
from tests.functional.conftest import Town, books
from tests.functional.test_query_counts import statements
from tests.subsidy_factories import YUAN

MILLION = 1_000_000 * YUAN
REASON = "发票购买方是分公司，与合同买方不一致。"


@pytest.fixture
def refused(market: Town, now) -> Town:
    """An application with two payments, of which finance has refused the second, through finance."""
    with books(market) as session:
        kept, bad = market.subsidy.pay(), market.subsidy.pay(day="2026-02-11")
        market.kept, market.bad = kept.voucher_no, bad.voucher_no
        made = make.apply(
            session, market.subsidy.buyer.member, market.subsidy.batch, market.subsidy.contract, now=now
        )
        market.application = made.number
        make.checked(session, market.subsidy.office, made, now=now, refused={market.bad: REASON})
    return market


def send_back(market: Town, now) -> None:
    """The county returns the application."""
    with books(market) as session:
        made = reading.find(session, market.application)
        review.send_back(
            session, market.people["county"], made.number, "请补盖章", version=made.version, now=now
        )


def row_of(table, voucher_no: str):
    return next(row for row in table.select("tbody tr") if voucher_no in row.text)


# --- refused vouchers ---------------------------------------------------------------------------------------


def test_a_refused_voucher_says_that_it_was_refused_and_why(refused, soup, now):
    path = f"/subsidies/applications/{refused.application}"
    with books(refused) as session:
        make.awarded(session, refused.subsidy.office, reading.batch(session, refused.batch), now=now)
    for page in (path, f"{path}/award"):
        found = soup(refused.client("buyer").get(page))
        row = row_of(found, refused.bad)
        assert f"财务核验未通过：{REASON}" in row.text and "0.00" in row.text, page
        assert "尚未核验" not in found.main.text, page
        assert "财务核验未通过" not in row_of(found, refused.kept).text, page


def test_an_estimate_of_before_the_refusal_says_that_it_will_not_count(refused, soup):
    row = row_of(
        soup(refused.client("buyer").get(f"/subsidies/applications/{refused.application}")), refused.bad
    )
    assert f"财务核验未通过，核定时不计入：{REASON}" in row.text and "1,000,000.00" in row.text


def test_a_voucher_that_nobody_has_refused_keeps_its_own_reason(market, soup):
    with books(market) as session:
        market.subsidy.pay(form=payments.EQUITY)
        made = market.subsidy.draft()
        offered = [choice.payment.id for choice in applications.choices(session, made)]
        applications.save(
            session,
            market.subsidy.buyer.member,
            made.number,
            offered,
            make.COMMITTED,
            version=made.version,
            now=market.subsidy.now,
        )
        number = made.number
    page = soup(market.client("buyer").get(f"/subsidies/applications/{number}")).main.text
    assert "作价入股在变现前不计入" in page and "财务核验未通过" not in page


# --- the next step of the applicant --------------------------------------------------------------------------


def head_buttons(page) -> list[tuple[str, bool]]:
    """Label and whether it is primary, of the head of the page; there is no other primary one in the page."""
    found = [(a.text.strip(), "btn-primary" in a["class"]) for a in page.select(".tm-pagehead a.btn")]
    assert len(page.select("main .btn-primary")) == sum(primary for _label, primary in found)
    return found


def test_a_returned_application_is_handed_in_again_from_its_head(handed_in, soup, now):
    send_back(handed_in, now)
    path = f"/subsidies/applications/{handed_in.application}"
    page = soup(handed_in.client("buyer").get(path))
    assert head_buttons(page) == [("重新提交", True), ("填写申报", False)]
    assert page.select_one(".tm-pagehead .btn-primary")["href"] == f"{path}/submit"
    assert page.select_one("main").text.index("重新提交") < page.select_one("main").text.index("请补盖章")
    assert "用这次测算申报" not in page.text


def test_a_draft_offers_first_what_it_still_needs(market, soup, now):
    with books(market):
        number = market.subsidy.draft().number
    path, buyer = f"/subsidies/applications/{number}", market.client("buyer")
    assert head_buttons(soup(buyer.get(path))) == [("填写申报", True)]
    with books(market) as session:
        market.subsidy.pay()
        made = reading.find(session, number)
        offered = [choice.payment.id for choice in applications.choices(session, made)]
        applications.save(
            session, market.people["buyer"], number, offered, make.COMMITTED, version=made.version, now=now
        )
    assert head_buttons(soup(buyer.get(path))) == [("用这次测算申报", True), ("填写申报", False)]


def test_a_cap_stands_apart_from_the_amount_in_words(market, soup, now):
    with books(market) as session:
        about = make.contract(
            session, market.subsidy.buyer.house, market.subsidy.seller.house, technical=40 * MILLION
        )
        storage, member = market.subsidy.storage, market.people["buyer"]
        make.pay(session, storage, member, about, 30 * MILLION, "2026-02-01", now=now)
        number = make.apply(session, member, market.subsidy.batch, about, now=now).number
    page = soup(market.client("buyer").get(f"/subsidies/applications/{number}"))
    words, cap = page.select_one(".tm-figure + p"), page.select_one(".tm-capped")
    assert words.text.strip() == "贰佰万元整"
    assert "受限：单个合同累计上限 2,000,000.00 元" in cap.text and cap is not words


# --- the workbench -------------------------------------------------------------------------------------------


def due(page) -> list[tuple[str, str, str]]:
    """Title, note and address of each due action."""
    return [
        (a.select_one(".tm-action-title").text.strip(), a.select_one(".tm-cell-sub").text, a.a["href"])
        for a in page.select(".tm-action")
    ]


def test_the_workbench_names_what_was_returned_and_what_is_a_draft(handed_in, soup, now):
    send_back(handed_in, now)
    with books(handed_in) as session:
        house = handed_in.subsidy.buyer.house
        second = make.contract(session, house, handed_in.subsidy.seller.house, technical=2 * MILLION)
        draft = applications.start(
            session, handed_in.people["buyer"], handed_in.batch, second.number, "BUYER", now=now
        )
        first, other = handed_in.subsidy.contract.title, second.title
        numbers = handed_in.application, draft.number
    found = soup(handed_in.client("buyer").get("/workbench"))
    assert due(found) == [
        (first, f"{numbers[0]} · 退回修改，改好后重新提交", f"/subsidies/applications/{numbers[0]}"),
        (other, f"{numbers[1]} · 草稿，填好后提交", f"/subsidies/applications/{numbers[1]}"),
    ]
    assert [a.text.split("：")[0] for a in found.select(".tm-action-button a")] == ["去修改", "继续填写"]
    assert len(found.select(".tm-action .tm-deadline")) == 2
    for stranger in ("seller", "county", "nobody"):
        assert not [d for d in due(soup(handed_in.client(stranger).get("/workbench"))) if numbers[0] in d[1]]


def test_the_workbench_names_only_what_can_still_be_handed_in(handed_in, soup, now):
    send_back(handed_in, now)
    with books(handed_in) as session:
        house, seller = handed_in.subsidy.buyer.house, handed_in.subsidy.seller.house
        about = make.contract(session, house, seller, technical=2 * MILLION)
        applications.start(
            session, handed_in.people["buyer"], handed_in.batch, about.number, "BUYER", now=now
        )
        other = handed_in.subsidy.another()
        make.checked(session, handed_in.subsidy.office, other, now=now)
    client = handed_in.client("buyer")
    handed_in.app.extensions["clock"].move(timedelta(days=40))
    found = soup(client.get("/workbench"))
    assert [note.split(" · ")[0] for _title, note, _url in due(found)] == [handed_in.application]
    assert not found.select(".tm-action .tm-deadline")
    with books(handed_in) as session:
        # The list is drawn up: what was returned can no longer come in.
        later, batch = now + timedelta(days=40), reading.batch(session, handed_in.batch)
        batches.propose(session, handed_in.people["region"], batch.number, version=batch.version, now=later)
    assert not due(soup(client.get("/workbench")))


def test_the_workbench_asks_as_often_for_many_applications_as_for_one(market, now):
    def asked() -> int:
        with statements(market.app) as seen:
            assert market.client("buyer").get("/workbench").status_code == 200
        return len(seen)

    def begin(count: int) -> None:
        with books(market) as session:
            for _ in range(count):
                house, seller = market.subsidy.buyer.house, market.subsidy.seller.house
                about = make.contract(session, house, seller, technical=MILLION)
                other = make.batch(session, market.people["region"], now=now)
                applications.start(
                    session, market.people["buyer"], other.number, about.number, "BUYER", now=now
                )

    begin(1)
    few = asked()
    begin(6)
    assert asked() == few


def test_only_people_who_may_post_once_verified_are_told_to_wait(market, soup):
    said = "单位认证通过后即可发布信息"
    told = {
        person: said in soup(market.client(person).get("/workbench")).main.text
        for person in ("county", "region", "finance", "operator", "buyer", "newcomer", "nobody")
    }
    assert [person for person, heard in told.items() if heard] == ["newcomer"]


# --- the batch -----------------------------------------------------------------------------------------------


def test_the_next_step_of_a_batch_is_the_primary_one(handed_in, soup, now):
    region, path = handed_in.client("region"), f"/subsidies/batches/{handed_in.batch}"
    with books(handed_in) as session:
        make.checked(session, handed_in.subsidy.office, reading.find(session, handed_in.application), now=now)

    def offered() -> list[tuple[str, str]]:
        found = soup(region.get(path)).select(".tm-pagehead a.btn")
        return [(a.text.strip(), " ".join(a["class"][1:])) for a in found]

    def done(act, when=now) -> None:
        with books(handed_in) as session:
            batch = reading.batch(session, handed_in.batch)
            act(session, handed_in.people["region"], batch.number, version=batch.version, now=when)

    back = ("撤回名单，重新计算", "btn-danger")
    assert offered() == [("生成拟支持名单", "btn-primary")]
    done(batches.propose)
    assert offered() == [("发布公示", "btn-primary"), ("生成拟支持名单", ""), back]
    done(batches.publish)
    assert offered() == [("看公示", ""), back]
    handed_in.app.extensions["clock"].move(timedelta(days=10))
    assert offered() == [("公示期满，立项", "btn-primary"), ("看公示", ""), back]
    done(batches.approve, now + timedelta(days=10))
    assert offered() == [("生成拟支持名单", "btn-primary"), ("看公示", "")]


def test_the_counters_of_a_batch_fill_whole_rows_and_count_everything(handed_in, soup):
    with books(handed_in):
        handed_in.subsidy.another()
    path = f"/subsidies/batches/{handed_in.batch}"
    boxes = soup(handed_in.client("region").get(path)).select(".tm-stages .tm-counter-box")
    assert len(boxes) % 6 == 0 and len(boxes) % 4 == 0
    shown = [
        (box.select_one(".tm-counter-label").text, box.select_one(".tm-counter-figure").text.strip())
        for box in boxes
    ]
    assert shown[:2] == [("全部", "2"), ("已提交", "2")] and {figure for _label, figure in shown[2:]} == {"0"}
    assert boxes[0].get("aria-current") == "true" and boxes[0]["href"] == path
    assert boxes[1].select_one(".tm-counter-sub").text == "200,000.00\u00a0元"


def test_a_reviewer_sees_each_voucher_once_with_scans_amount_and_verdict(refused, soup):
    page = soup(refused.client("finance").get(f"/subsidies/review/{refused.application}")).main
    for number in (refused.kept, refused.bad):
        assert page.text.count(number) == 1
    kept, bad = (next(b for b in page.select(".tm-paid") if n in b.text) for n in (refused.kept, refused.bad))
    for block, verdict in ((kept, "已核验"), (bad, "未通过")):
        assert verdict in block.select_one(".tm-badge").text
        assert len(block.select(".tm-file-list a")) == 2
        facts = dict(
            zip([d.text for d in block.select("dt")], [d.text for d in block.select("dd")], strict=True)
        )
        assert facts["计入"] == "1,000,000.00" and facts["退款、财政资金"] == "无"
    assert REASON in bad.text and REASON not in kept.text


def test_after_a_refusal_of_support_the_vouchers_stay_readable(handed_in, soup, now):
    with books(handed_in) as session:
        made = reading.find(session, handed_in.application)
        number = made.claims[0].payment.voucher_no
        review.reject(
            session, handed_in.people["region"], made.number, "不符合条件", version=made.version, now=now
        )
    page = soup(handed_in.client("region").get(f"/subsidies/review/{handed_in.application}")).main
    assert not page.select(".tm-paid") and number in row_of(page.select_one(".tm-vouchers"), number).text


# --- the public list -----------------------------------------------------------------------------------------


def test_the_public_list_keeps_what_is_in_publicity_apart_from_what_is_approved(awarded, soup, now):
    with books(awarded) as session:
        batch, office = reading.batch(session, awarded.batch), awarded.subsidy.office
        more = [awarded.subsidy.another(found=batch) for _ in range(2)]
        for made in more:
            make.checked(session, office, made, now=now)
        for act in (batches.propose, batches.publish):
            act(session, office.region, batch.number, version=batch.version, now=now)
        review.note_objection(
            session, office.region, more[0].number, "有人反映", version=more[0].version, now=now
        )
        running = {made.contract.registration_no for made in more}
        approved = {reading.find(session, awarded.application).contract.registration_no}
    page = soup(awarded.client().get(f"/subsidies/publicity/{awarded.batch}")).main
    groups = {card.h2.text: card for card in page.select(".tm-card") if card.h2}
    assert list(groups) == ["公示中", "已立项"]
    numbers = {
        name: {row.select_one("td").text.strip() for row in card.select("tbody tr")}
        for name, card in groups.items()
    }
    assert numbers == {"公示中": running, "已立项": approved}
    assert "公示期" in groups["公示中"].text and "公示期 " not in groups["已立项"].text
    assert "异议" not in page.select_one(".tm-publist").text and "有异议" not in groups["公示中"].text


def test_a_list_drawn_up_next_changes_nothing_for_the_public(awarded, soup, now):
    with books(awarded) as session:
        batch = reading.batch(session, awarded.batch)
        make.checked(session, awarded.subsidy.office, awarded.subsidy.another(found=batch), now=now)
        batches.propose(session, awarded.people["region"], batch.number, version=batch.version, now=now)
    for path in (f"/subsidies/publicity/{awarded.batch}", "/subsidies/publicity"):
        badges = [badge.text for badge in soup(awarded.client().get(path)).main.select(".tm-badge")]
        assert badges == ["已立项"], path


# --- a new application ---------------------------------------------------------------------------------------


def test_a_contract_that_has_its_application_is_left_out_and_named(handed_in, soup):
    with books(handed_in) as session:
        house, seller = handed_in.subsidy.buyer.house, handed_in.subsidy.seller.house
        free = make.contract(session, house, seller, technical=MILLION)
        free_number, registered, title = free.number, free.registration_no, free.title
    page = soup(handed_in.client("buyer").get("/subsidies/start"))
    options = page.select("#contract option")
    assert [option["value"] for option in options] == [f"{free_number}:BUYER"]
    assert options[0].text.startswith(f"{registered} 需求方 ") and options[0].text.endswith("…")
    assert title not in options[0].text
    assert page.select_one(".tm-brief a")["href"] == f"/subsidies/applications/{handed_in.application}"
    asked = soup(handed_in.client("buyer").get(f"/subsidies/start?contract={handed_in.contract}:BUYER"))
    assert f"已有申报 {handed_in.application}" in asked.select_one(".tm-notice").text


def test_a_contract_with_an_application_in_one_of_two_batches_is_marked(handed_in, soup, now):
    with books(handed_in) as session:
        make.batch(session, handed_in.people["region"], now=now)
    page = soup(handed_in.client("buyer").get("/subsidies/start"))
    (option,) = page.select("#contract option")
    assert option.text.endswith(f"（{handed_in.batch} 已有申报）")


def test_nothing_to_start_is_said_instead_of_offered(handed_in, soup):
    page = soup(handed_in.client("buyer").get("/subsidies/start"))
    assert "没有还可以申报的合同" in page.text
    assert not page.find("button", string="开始申报")
