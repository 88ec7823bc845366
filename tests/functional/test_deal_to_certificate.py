"""From a published achievement to a verified certificate, through the pages, by the people who do each step."""

import io
import re
from datetime import timedelta

import pytest

from marketplace.contracts.models import Contract, RegistrationAgency
from marketplace.permissions import Role
from tests import factories


@pytest.fixture
def trading(town, now):
    """The town with an agency and a published achievement of the university."""
    with town.books() as session:
        office = factories.organisation(session, now=now, kind="registration_agency")
        session.add(
            RegistrationAgency(organisation_id=office.id, region_code="150000", region4="1500", point="01")
        )
        town.people["registrar"] = factories.actor(session, Role.REGISTRAR, office, now=now)
        unit = session.get_one(type(office), town.houses["university"])
        listing = factories.published_by_unit(
            session,
            town.people["researcher"],
            town.people["manager"],
            unit,
            factories.achievement(),
            town.people["operator"],
            now=now,
        )
        town.listings["achievement"] = listing.number
    town.work()
    return town


def follow(response):
    """The page a successful form leads to."""
    assert response.status_code == 302, response.get_data(as_text=True)[-2000:]
    return response.location


def version_in(page) -> str:
    return re.search(r'name="version"[^>]*value="(\d+)"', page.get_data(as_text=True)).group(1)


def test_from_enquiry_to_verified_certificate(trading):
    town = trading
    member, researcher, manager = town.client("member"), town.client("researcher"), town.client("manager")
    room = _negotiate(town, member, researcher)
    _publish_price(town, manager, room)
    contract = _draft_and_submit(town, manager, room)
    _register(town, contract)
    _verify(town, member, contract)


def _negotiate(town, member, researcher) -> str:
    asked = member.post(
        f"/listings/{town.listings['achievement']}/enquire",
        data={"organisation_id": town.houses["enterprise"], "text": "能用于我厂高炉吗？"},
    )
    room = follow(asked)
    assert "能用于我厂高炉吗" in researcher.get(room).get_data(as_text=True)
    assert town.client("stranger").get(room).status_code == 404
    empty = member.post(f"{room}/terms", data={"price_fen": "很多"})
    assert empty.status_code == 422 and "很多" in empty.get_data(as_text=True)
    terms = {
        "price_fen": "55",
        "mode": "license_non_exclusive",
        "payment_mode": "LUMP_SUM",
        "ip_terms": "成果归供给方，需求方在本厂使用。",
    }
    follow(member.post(f"{room}/terms", data=terms))
    page = researcher.get(room)
    follow(researcher.post(f"{room}/agree", data={"terms": "1", "version": version_in(page)}))
    return room


def _publish_price(town, manager, room: str) -> None:
    page = manager.get(room).get_data(as_text=True)
    notice = re.search(r"/publicity/(G[\d-]+)/post", page).group(1)
    form = manager.get(f"/publicity/{notice}/post")
    unchecked = manager.post(f"/publicity/{notice}/post", data={"version": version_in(form)})
    assert unchecked.status_code == 422
    follow(manager.post(f"/publicity/{notice}/post", data={"version": version_in(form), "checked": "y"}))
    assert "剩" in town.client().get("/publicity").get_data(as_text=True)
    early = manager.post(f"{room.replace('/deals/', '/deals/')}/contract")
    assert early.status_code == 409
    town.app.extensions["clock"].move(timedelta(days=16))
    assert town.work()["price publicities"] == 1


def _draft_and_submit(town, manager, room: str) -> str:
    contract = follow(manager.post(f"{room}/contract"))
    missing = manager.post(
        f"{contract}/edit/check", data={"version": version_in(manager.get(f"{contract}/edit/check"))}
    )
    assert missing.status_code == 422 and "签章扫描件" in missing.get_data(as_text=True)
    basics = manager.get(f"{contract}/edit/basics")
    follow(
        manager.post(
            f"{contract}/edit/basics",
            data={
                "version": version_in(basics),
                "title": "高炉风口耐磨涂层工艺普通许可",
                "contract_subtype": "32",
                "technical_content": "交付工艺，硬度不低于 60HRC",
                "ip_terms": "成果归供给方",
                "sign_date": "2026-03-19",
                "begin_date": "2026-03-19",
                "end_date": "2027-03-18",
                "technology_field": "05",
                "industry_code": "C31",
                "socioeconomic_objective": "10",
                "ipr": "trade_secret",
                "program_source": "计划外",
                "is_related": "no",
            },
        )
    )
    amounts = manager.get(f"{contract}/edit/amounts")
    row = {"items-0-kind": "EQUIPMENT", "items-0-description": "喷枪", "items-0-amount_fen": "5"}
    more = manager.post(
        f"{contract}/edit/amounts", data={**row, "version": version_in(amounts), "item-add_row": "1"}
    )
    assert more.status_code == 200 and "喷枪" in more.get_data(as_text=True)
    follow(manager.post(f"{contract}/edit/amounts", data={**row, "version": version_in(amounts)}))
    scan = {"file": (io.BytesIO(b"%PDF-1.7 signed"), "合同.pdf"), "version": "0"}
    follow(manager.post(f"{contract}/edit/copy", data=scan))
    check = manager.get(f"{contract}/edit/check")
    assert "500,000.00" in check.get_data(as_text=True)
    follow(manager.post(f"{contract}/edit/check", data={"version": version_in(check)}))
    return contract.rsplit("/", 1)[-1]


def _register(town, number: str) -> None:
    registrar = town.client("registrar")
    assert number in registrar.get("/registry").get_data(as_text=True)

    def act(action: str, **data: str) -> None:
        form = registrar.get(f"/registry/{number}/{action}")
        follow(registrar.post(f"/registry/{number}/{action}", data={"version": version_in(form), **data}))

    act("accept")
    act("request_supplement", phrase="seal", text="第 3 页缺买方印章")
    manager = town.client("manager")
    assert "第 3 页缺买方印章" in manager.get(f"/contracts/{number}").get_data(as_text=True)
    check = manager.get(f"/contracts/{number}/edit/check")
    follow(manager.post(f"/contracts/{number}/edit/check", data={"version": version_in(check)}))
    act("first_review")
    act("approve")
    act("register")
    assert registrar.get(f"/registry/{number}/register").status_code == 200
    again = registrar.post(f"/registry/{number}/register", data={"version": "99"})
    assert again.status_code == 409


def _verify(town, member, number: str) -> None:
    sheet = member.get(f"/contracts/{number}/certificate").get_data(as_text=True)
    assert "技术合同登记证明" in sheet
    with town.books() as session:
        contract = session.query(Contract).filter_by(number=number).one()
        registration_no, code = contract.registration_no, contract.verification_code
    visitor = town.client()
    right = visitor.get("/verify", query_string={"number": registration_no, "code": code}).get_data(
        as_text=True
    )
    assert "编号与验证码相符" in right and "500,000.00" in right
    wrong = visitor.get("/verify", query_string={"number": registration_no, "code": "DEADBEEF"})
    assert "没有查到" in wrong.get_data(as_text=True)
    assert visitor.get(f"/contracts/{number}").status_code == 302
    assert town.client("stranger").get(f"/contracts/{number}").status_code == 404
