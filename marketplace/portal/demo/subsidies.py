"""The demonstration market's subsidy: payments on registered contracts, two batches, an application in every state.

Everything happens in the order of time, by the people whose turn it is; what is still open is of the last days.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from io import BytesIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import codes
from marketplace.accounts.services import organisations
from marketplace.attachments import Storage
from marketplace.clock import legal_day
from marketplace.config import LEGAL_ZONE
from marketplace.contracts.models import Contract
from marketplace.contracts.services import payments
from marketplace.contracts.services.payments import PaymentFields
from marketplace.permissions import Actor, Role
from marketplace.policy.loader import load_rule_book
from marketplace.policy.windows import window_of
from marketplace.portal.demo import documents, trades
from marketplace.portal.demo.documents import Application, Batch, Payment, Seed, Step
from marketplace.portal.demo.evidence import pdf
from marketplace.portal.demo.houses import actor
from marketplace.subsidies.models import SubsidyApplication, SubsidyBatch
from marketplace.subsidies.services import applications, batches, facts, reading, review
from marketplace.subsidies.services.applications import Declaration

_DAY = timedelta(days=1)
#: Payments are entered some days after the bank, and the last one some days before the first batch opens.
_AFTER_THE_BANK = 3 * _DAY
_BEFORE_THE_BATCH = 7 * _DAY
#: How far apart the steps of two applications lie on one day; the last one is still done in the morning.
_BETWEEN = timedelta(minutes=11)

_NOT_YET_DECLARED = Declaration(no_related=False, no_duplicate=False)
_DECLARED = Declaration(no_related=True, no_duplicate=True)

#: A moment, and what happens then.
_Event = tuple[datetime, Callable[[datetime], object]]


def grant(session: Session, storage: Storage, seed: Seed, *, now: datetime) -> int:
    """Pay, apply, review and publish as seed_data/demo/subsidies.yaml says; returns how many applications.

    Does nothing when there is a batch already, when no programme year's window has ended yet, or in a market
    that was loaded before these contracts were part of it.
    """
    programme, year = documents.programme(), _programme_year(legal_day(now))
    contracts = [_contract(session, seed, line) for line in programme.applications]
    if year is None or None in contracts or session.scalar(select(func.count(SubsidyBatch.id))):
        return 0
    desk = _Desk(session, storage, seed, now, year)
    calls = {given.key: _Call(desk, given) for given in programme.batches}
    cases = [
        _Case(desk, calls[line.batch], line, contract, place)
        for place, (line, contract) in enumerate(zip(programme.applications, contracts, strict=True))
    ]
    events = [event for each in (*calls.values(), *cases) for event in each.events()]
    for when, act in sorted(events, key=lambda event: event[0]):
        act(when)
    return sum(1 for case in cases if case.number)


def _programme_year(today: date) -> int | None:
    """The newest programme year whose payment window has ended; None before the first one."""
    for year in range(today.year + 2, today.year - 2, -1):
        rules = load_rule_book().for_programme(year)
        window, first = rules.get("window"), rules.get("first_programme_year")
        if window and first and year >= first and window_of(year, window)[1] < today:
            return year
    return None


def _contract(session: Session, seed: Seed, line: Application) -> Contract | None:
    house, _person = seed.member(line.buyer)
    buyer = organisations.find_by_credit_code(session, house.values["credit_code"])
    return trades.contract_of(session, line.achievement, buyer.id)


@dataclass
class _Desk:
    """Where everything is done: the market, its people, and the moment to which all days count back."""

    session: Session
    storage: Storage
    seed: Seed
    now: datetime
    year: int

    def moment(self, days_ago: int, place: int = 0) -> datetime:
        """So many days ago in the morning; `place` keeps what happens on one day a little apart."""
        return _morning(legal_day(self.now) - days_ago * _DAY) + place * _BETWEEN

    def person(self, address: str, when: datetime) -> Actor:
        """A person by address as the policy sees him at the moment."""
        return actor(self.session, address, when)

    def staff(self, role: Role, when: datetime, region_code: str | None = None) -> Actor:
        """Whoever has the role; with a region, where it lies in his jurisdiction."""
        path = codes.regions().path(region_code) if region_code else None
        return self.person(
            next(
                p.address
                for house in self.seed.houses
                for p in house.people
                if p.role is role and (path is None or p.jurisdiction in path)
            ),
            when,
        )


@dataclass
class _Call:
    """A batch on its way: opened, and its lists drawn up, published and approved by the region."""

    desk: _Desk
    given: Batch
    number: str = ""

    def events(self) -> Iterator[_Event]:
        """What happens with the batch, in time."""
        yield self.desk.moment(self.given.opens + 1), self._open
        for each in self.given.lists:
            for days_ago, act in (
                (each.drawn_up, batches.propose),
                (each.published, batches.publish),
                (each.approved, batches.approve),
            ):
                if days_ago is not None:
                    yield self.desk.moment(days_ago), partial(self._act, act)

    def _open(self, when: datetime) -> None:
        desk, today = self.desk, legal_day(self.desk.now)
        self.number = batches.open_batch(
            desk.session,
            desk.staff(Role.REVIEWER_REGION, when),
            programme_year=desk.year,
            title=self.given.title.format(year=desk.year),
            opens_on=today - self.given.opens * _DAY,
            closes_on=today + self.given.closes * _DAY,
            budget_fen=self.given.budget_fen,
            now=when,
        ).number

    def _act(self, act: Callable, when: datetime) -> None:
        desk = self.desk
        region = desk.staff(Role.REVIEWER_REGION, when)
        version = reading.batch(desk.session, self.number).version
        act(desk.session, region, self.number, version=version, now=when)


@dataclass
class _Case:
    """A contract on its way to the subsidy: its payments entered, its application taken as far as told."""

    desk: _Desk
    call: _Call
    line: Application
    contract: Contract
    place: int
    number: str = ""
    vouchers: dict[str, Payment] = field(default_factory=dict)

    def events(self) -> Iterator[_Event]:
        """What happens with the contract, in time."""
        first, last = _paying_days(self.desk, self.contract.registered_on)
        for payment in self.line.payments:
            paid_on = first + (last - first) * payment.on // 100
            entered = _morning(paid_on + _AFTER_THE_BANK) + self.place * _BETWEEN
            yield entered, partial(self._pay, payment, paid_on)
        for step in self.line.steps:
            yield self.desk.moment(step.days_ago, self.place), partial(self._take, step)

    def _pay(self, payment: Payment, paid_on: date, when: datetime) -> None:
        """Entered by the buyer's people, with both scans."""
        desk = self.desk
        buyer = desk.person(self.line.buyer, when)
        serial = f"{self.place + 1:03d}{len(self.vouchers) + 1}"
        fields = PaymentFields(
            voucher_no=f"HD{paid_on:%Y%m%d}{serial}",
            invoice_no=f"{paid_on:%y}152{serial.zfill(15)}",
            paid_on=paid_on,
            amount_fen=payment.amount_fen,
            bank_tech_fen=payment.bank_tech_fen,
            invoice_tech_fen=payment.invoice_tech_fen,
            refund_fen=payment.refund_fen,
        )
        made = payments.enter(desk.session, buyer, self.contract.number, fields, now=when)
        self.vouchers[made.voucher_no] = payment
        for slot, number in ((payments.INVOICE, made.invoice_no), (payments.BANK_SLIP, made.voucher_no)):
            name = payments.SLOTS[slot]
            scan = BytesIO(
                pdf((f"{name}（示例，仅供演示）", self.contract.title, f"号码 {number}", f"{paid_on}"))
            )
            payments.attach(
                desk.session,
                desk.storage,
                buyer,
                self.contract.number,
                made.id,
                slot,
                scan,
                f"{name}.pdf",
                now=when,
            )

    def _take(self, step: Step, when: datetime) -> None:
        """One step of the application, by whose turn it is."""
        if step.act == "start":
            self._start(when)
            return
        application = reading.find(self.desk.session, self.number)
        if step.act == "submit":
            self._submit(application, when)
        elif step.act == "vouchers":
            self._verify(application, when)
        else:
            self._review(application, step, when)

    def _start(self, when: datetime) -> None:
        """The draft with every payment claimed; the commitment is given when it is handed in."""
        desk = self.desk
        buyer = desk.person(self.line.buyer, when)
        made = applications.start(
            desk.session, buyer, self.call.number, self.contract.number, "BUYER", now=when
        )
        self.number = made.number
        offered = [each.payment.id for each in applications.choices(desk.session, made) if each.offered]
        applications.save(
            desk.session, buyer, made.number, offered, _NOT_YET_DECLARED, version=made.version, now=when
        )

    def _submit(self, application: SubsidyApplication, when: datetime) -> None:
        session, buyer = self.desk.session, self.desk.person(self.line.buyer, when)
        claimed = [payment.id for payment in facts.claimed(application)]
        applications.save(
            session, buyer, self.number, claimed, _DECLARED, version=application.version, now=when
        )
        applications.submit(session, buyer, self.number, version=application.version, now=when)

    def _verify(self, application: SubsidyApplication, when: datetime) -> None:
        """Finance looks at each voucher, but for those that still wait."""
        desk, finance = self.desk, self.desk.staff(Role.FINANCE, when)
        for voucher in facts.claimed(application):
            found = self.vouchers[voucher.voucher_no]
            if found.pending:
                continue
            review.decide_payment(
                desk.session,
                finance,
                self.number,
                voucher.id,
                payments.REJECTED if found.refused else payments.VERIFIED,
                found.refused,
                version=voucher.version,
                now=when,
            )

    def _review(self, application: SubsidyApplication, step: Step, when: datetime) -> None:
        """Passed on or returned by the level at which it stands, refused or objected to at the region."""
        act = {
            "pass": review.advance,
            "return": review.send_back,
            "reject": review.reject,
            "object": review.note_objection,
        }[step.act]
        if step.act in ("pass", "return"):
            level = next(level for level in reading.LEVELS if level.state == application.state)
            place = application.region_code if level.territorial else None
            who = self.desk.staff(level.role, when, place)
        else:
            who = self.desk.staff(Role.REVIEWER_REGION, when)
        act(self.desk.session, who, self.number, step.text, version=application.version, now=when)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), LEGAL_ZONE)


def _paying_days(desk: _Desk, registered_on: date) -> tuple[date, date]:
    """The first and the last day on which a payment counts, has its contract, and is there in time."""
    first, last = window_of(desk.year, load_rule_book().for_programme(desk.year).get("window"))
    in_time = legal_day(desk.now) - max(each.opens for each in documents.programme().batches) * _DAY
    return max(first, registered_on + _DAY), min(last, in_time - _BEFORE_THE_BATCH)
