"""The demonstration market's deals and contracts: each walked through the services as far as its line says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.accounts.models import Organisation
from marketplace.attachments import Storage
from marketplace.clock import legal_day
from marketplace.config import LEGAL_ZONE, ROOT
from marketplace.contracts.models import Contract, ContractParty, RegistrationAgency
from marketplace.contracts.services import drafting, registration
from marketplace.deals.models import Deal
from marketplace.deals.services import opening, publicity, talking
from marketplace.listings.models import Listing, ListingRevision
from marketplace.permissions import Actor, Role
from marketplace.portal.demo.documents import Seed
from marketplace.portal.demo.evidence import pdf
from marketplace.portal.demo.houses import actor

_FILE = ROOT / "seed_data" / "demo" / "trades.yaml"
_DAY = timedelta(days=1)
#: Registration points of the demonstration agencies: region served, digits 5–8 and 9–10 of their numbers.
_POINTS = (("150100", "1501", "01"), ("150200", "1502", "01"))
_OPEN = frozenset({"SUBMITTED", "ACCEPTED", "SUPPLEMENT", "FIRST_REVIEWED", "APPROVED"})
_DEALS_ONLY = frozenset({"negotiating", "proposed", "agreed", "publicizing", "closed"})


@dataclass
class _Trade:
    """One line on its way: who takes part, what it is about, what time it is."""

    session: Session
    storage: Storage
    line: dict[str, Any]
    seller: Actor
    manager: Actor
    buyer: Actor
    registrar: Actor
    second: Actor
    now: datetime
    today: datetime
    deal: Deal | None = None
    contract: Contract | None = None

    def wait(self, days: int = 1) -> datetime:
        """Some days later."""
        self.now += days * _DAY
        return self.now

    def register(self, act: str, who: Actor | None = None, **details: Any) -> None:
        """One act of the agency on the contract."""
        getattr(registration, act)(
            self.session,
            who or self.registrar,
            self.contract.number,
            version=self.contract.version,
            now=self.wait(),
            **details,
        )


def trade(session: Session, storage: Storage, seed: Seed, *, now: datetime) -> int:
    """Walk every line unless there are deals already; returns how many."""
    if session.scalar(select(func.count(Deal.id))):
        return 0
    agencies = _open_points(session, seed)
    count = 0
    for line in yaml.safe_load(_FILE.read_text(encoding="utf-8")):
        made = _start(session, storage, seed, line, agencies, now)
        _negotiate(made)
        if line["until"] not in _DEALS_ONLY:
            _contract(made)
        count += 1
    return count


def contract_of(session: Session, achievement: str, buyer_id: int) -> Contract | None:
    """The contract of an achievement, by the beginning of its title, with a buyer; None: not traded."""
    return session.scalar(
        select(Contract)
        .join(ContractParty, ContractParty.contract_id == Contract.id)
        .where(
            Contract.title.startswith(achievement),
            ContractParty.side == "BUYER",
            ContractParty.organisation_id == buyer_id,
        )
    )


def _open_points(session: Session, seed: Seed) -> dict[str, tuple[str, str]]:
    """Give the agencies their numbers' prefix; returns the staff (registrar, head) by agency."""
    staff = {}
    houses = [house for house in seed.houses if house.values["organisation_type"] == "registration_agency"]
    for house, (region, region4, point) in zip(houses, _POINTS, strict=True):
        office = session.scalar(
            select(Organisation).where(Organisation.credit_code == house.values["credit_code"])
        )
        session.add(
            RegistrationAgency(organisation_id=office.id, region_code=region, region4=region4, point=point)
        )
        staff[region] = tuple(person.address for person in house.people)
    # Sellers of the other leagues register with the first agency of the region.
    session.flush()
    first = session.scalar(select(RegistrationAgency).order_by(RegistrationAgency.id))
    first.region_code = "150000"
    session.flush()
    return {"150200": staff["150200"], "150000": staff["150100"]}


def _start(
    session: Session, storage: Storage, seed: Seed, line: dict[str, Any], agencies: dict, now: datetime
) -> _Trade:
    listing = session.scalar(
        select(Listing)
        .join(ListingRevision, Listing.accepted_revision_id == ListingRevision.id)
        .where(ListingRevision.title.startswith(line["achievement"]))
    )
    house = next(h for h in seed.houses if h.values["credit_code"] == listing.organisation.credit_code)
    region = "150200" if house.values["registration_region"].startswith("1502") else "150000"
    registrar, second = (actor(session, address, now) for address in agencies[region])
    manager = next((p for p in house.people if p.role is Role.UNIT_MANAGER), house.people[0])
    return _Trade(
        session=session,
        storage=storage,
        line={**line, "listing": listing.number},
        seller=actor(session, listing.author.email, now),
        manager=actor(session, manager.address, now),
        buyer=actor(session, line["buyer"], now),
        registrar=registrar,
        second=second,
        now=listing.published_at + line.get("after", 1) * _DAY,
        today=now,
    )


def _negotiate(made: _Trade) -> None:
    """From the enquiry to agreed terms and a published price, or to where the line ends."""
    session, line, until = made.session, made.line, made.line["until"]
    house = made.buyer.members[0].organisation_id
    question = "这项成果能否用于我们的工况？希望了解价格、交付方式和时间。"
    made.deal = opening.enquire(session, made.buyer, line["listing"], house, question, now=made.wait())
    answer = "可以，建议先做小批量试用，我们提供工艺和现场指导。"
    talking.post_message(session, made.seller, made.deal.number, answer, now=made.wait())
    if until == "closed":
        reason = "今年预算已用完，明年再谈"
        talking.close(
            session, made.buyer, made.deal.number, reason, version=made.deal.version, now=made.wait()
        )
    if until in ("closed", "negotiating"):
        return
    talking.propose(session, made.buyer, made.deal.number, _terms(line), now=made.wait())
    if until == "proposed":
        return
    talking.agree(session, made.seller, made.deal.number, 1, version=made.deal.version, now=made.wait())
    session.refresh(made.deal, ["publicities"])
    if until != "agreed":
        _publicize(made)


def _publicize(made: _Trade) -> None:
    record = publicity.live(made.deal)
    if record is None:
        return
    if made.line["until"] == "publicizing":
        made.now = max(made.now, made.today - 6 * _DAY)
    publicity.post(
        made.session,
        made.manager,
        record.number,
        interested_buyer=False,
        version=record.version,
        now=made.wait(),
    )
    if made.line["until"] != "publicizing":
        made.now = datetime.combine(record.contract_from, time(10), LEGAL_ZONE)
        publicity.confirm_due(made.session, now=made.now)


def _contract(made: _Trade) -> None:
    """From the draft to the state the line names; what is still open was handed in lately."""
    if made.line["until"] in _OPEN:
        made.now = max(made.now, made.today - 9 * _DAY)
    made.contract = drafting.draft(made.session, made.manager, made.deal.number, now=made.wait())
    if made.line["until"] == "DRAFT":
        return
    _fill_in(made)
    drafting.submit(
        made.session, made.manager, made.contract.number, version=made.contract.version, now=made.wait()
    )
    for act, details in _acts(made.line["until"]):
        _act(made, act, details)


def _act(made: _Trade, act: str, details: dict[str, Any]) -> None:
    contract = made.contract
    if act == "withdraw":
        reason = "双方要调整付款方式"
        registration.withdraw(
            made.session, made.manager, contract.number, reason, version=contract.version, now=made.wait()
        )
    elif act == "lapse":
        registration.lapse_due(made.session, now=made.wait(17))
    elif act == "approve" and registration.second_review_due(contract):
        made.register("second_review", made.second)
    elif act == "revoke":
        made.register("end", made.second, action="revoke", reason="经查合同标的与实际不符（示例）")
    else:
        made.register(act, **details)


def _acts(until: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the agency and the applicant do after handing in."""
    accept, review = ("accept", {}), ("first_review", {"red_flag": False})
    wanted = {"reasons": [{"code": "seal", "text": "第 5 页缺买方印章，请补盖后重新上传"}]}
    supplement = ("request_supplement", wanted)
    registered = (accept, review, ("approve", {}), ("register", {}))
    amended = ("amend", {"changes": {"total_amount_fen": 80_000_000}, "reason": "双方协议减少服务内容"})
    ways: dict[str, tuple] = {
        "SUBMITTED": (),
        "ACCEPTED": (accept,),
        "SUPPLEMENT": (accept, supplement),
        "FIRST_REVIEWED": (accept, review),
        "APPROVED": (accept, review, ("approve", {})),
        "REGISTERED": registered,
        "CHANGED": (*registered, amended),
        "CANCELLED": (*registered, ("end", {"action": "cancel", "reason": "双方协商解除合同"})),
        "REVOKED": (*registered, ("revoke", {})),
        "REFUSED": (accept, ("refuse", {"code": "R02", "reason": "内容以一般供货为主，不属于技术合同"})),
        "WITHDRAWN": (("withdraw", {}),),
        "CLOSED": (accept, supplement, ("lapse", {})),
    }
    yield from ways[until]


def _fill_in(made: _Trade) -> None:
    """What the deal did not say: dates, classification, one non-technical cost, the signed copy."""
    contract, session = made.contract, made.session
    today = legal_day(made.wait())
    values = {
        "sign_date": today,
        "begin_date": today,
        "end_date": today + 365 * _DAY,
        "socioeconomic_objective": "10",
        "ipr": contract.ipr if contract.ipr not in ("", "none") else "trade_secret",
        "is_related": False,
    }
    drafting.save(session, made.manager, contract.number, values, version=contract.version, now=made.now)
    equipment = contract.total_amount_fen // 10
    items = [{"kind": "EQUIPMENT", "description": "随技术提供的专用装置", "amount_fen": equipment}]
    drafting.save_items(session, made.manager, contract.number, items, version=contract.version, now=made.now)
    scan = BytesIO(pdf((contract.title, "技术合同签章扫描件（仅供演示）")))
    drafting.upload(
        session, made.manager, made.storage, contract.number, scan, "合同签章扫描件.pdf", now=made.now
    )


def _terms(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "price_fen": int(Decimal(str(line["price"])) * 1_000_000),
        "mode": line["mode"],
        "payment_mode": line.get("payment", "LUMP_SUM"),
        "ip_terms": "知识产权归供给方，需求方按约定使用；合作中的改进成果双方共有。",
        "note": "交付工艺文件并现场指导，三个月内按约定指标验收。",
    }
