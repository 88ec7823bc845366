"""Payments of a contract: checked field by field, entered by the buyer, still once an application holds them."""

import io
from dataclasses import replace

import pytest

from marketplace.contracts.services import payments
from marketplace.errors import Conflict, Forbidden, Invalid, NotFound, StaleEdit
from marketplace.permissions import VISITOR
from marketplace.subsidies.services import applications
from tests import subsidy_factories as make
from tests.subsidy_factories import COMMITTED, YUAN, at

MILLION = 1_000_000 * YUAN


@pytest.fixture
def world(session, app, now):
    return make.Town(session, app.extensions["storage"], now)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"voucher_no": " "}, "voucher_no"),
        ({"voucher_no": "9" * 61}, "voucher_no"),
        ({"invoice_no": ""}, "invoice_no"),
        ({"paid_on": None}, "paid_on"),
        ({"paid_on": at("2026-03-04").date()}, "paid_on"),
        ({"paid_on": at("1999-12-31").date()}, "paid_on"),
        ({"amount_fen": None}, "amount_fen"),
        ({"amount_fen": 0}, "amount_fen"),
        ({"bank_tech_fen": None}, "bank_tech_fen"),
        ({"bank_tech_fen": MILLION + 1}, "bank_tech_fen"),
        ({"invoice_tech_fen": -1}, "invoice_tech_fen"),
        ({"refund_fen": MILLION, "fiscal_fen": 1}, "refund_fen"),
        ({"refund_fen": -1}, "refund_fen"),
        ({"form": "BARTER"}, "form"),
    ],
)
def test_a_wrong_payment_is_refused_with_a_sentence_at_its_field(session, world, now, changes, field):
    given = replace(make.fields(MILLION, "2026-02-10"), **changes)
    with pytest.raises(Invalid) as refused:
        payments.enter(session, world.buyer.member, world.contract.number, given, now=now)
    assert set(refused.value.problems) == {field}


def test_numbers_are_cleaned_and_one_slip_is_entered_once(session, world, now):
    made = world.pay(voucher_no=" hd２０２６ 0001 ")
    assert made.voucher_no == "HD20260001"
    with pytest.raises(Invalid) as refused:
        world.pay(voucher_no="HD20260001")
    assert "HD20260001" in refused.value.problems["voucher_no"][0]
    other = world.pay()
    with pytest.raises(Invalid):
        given = replace(make.fields(MILLION, "2026-02-10"), voucher_no="HD20260001")
        payments.change(
            session,
            world.buyer.member,
            world.contract.number,
            other.id,
            given,
            version=other.version,
            now=now,
        )


def test_a_payment_is_changed_until_an_application_holds_it(session, world, now):
    made = world.pay()
    member, number = world.buyer.member, world.contract.number
    given = make.fields(2 * MILLION, "2026-02-11", form="CASH", cashed=True)
    changed = payments.change(session, member, number, made.id, given, version=made.version, now=now)
    assert (changed.amount_fen, changed.cashed) == (2 * MILLION, False)
    with pytest.raises(StaleEdit):
        payments.change(session, member, number, made.id, given, version=made.version - 1, now=now)
    make.apply(session, member, world.batch, world.contract, now=now)
    for act in (
        lambda: payments.change(session, member, number, made.id, given, version=made.version, now=now),
        lambda: payments.remove(session, member, number, made.id, version=made.version, now=now),
        lambda: payments.attach(
            session,
            world.storage,
            member,
            number,
            made.id,
            "invoice",
            io.BytesIO(make.PDF),
            "a.pdf",
            now=now,
        ),
    ):
        with pytest.raises(Conflict):
            act()


def test_a_payment_is_removed_with_its_scans_unless_a_draft_claims_it(session, world, now):
    made, kept = world.pay(), world.pay()
    draft = world.draft()
    applications.save(
        session, world.buyer.member, draft.number, [kept.id], COMMITTED, version=draft.version, now=now
    )
    payments.remove(
        session, world.buyer.member, world.contract.number, made.id, version=made.version, now=now
    )
    assert payments.files(session, [made.id]) == {}
    with pytest.raises(Conflict):
        payments.remove(
            session, world.buyer.member, world.contract.number, kept.id, version=kept.version, now=now
        )
    _contract, left = payments.of_contract(session, world.buyer.member, world.contract.number)
    assert [p.id for p in left] == [kept.id]


def test_scans_are_checked_by_content(session, world, now):
    made = world.pay(scans=False)
    for content in (b"", b"GIF89a", b"<html>"):
        with pytest.raises(Invalid) as refused:
            payments.attach(
                session,
                world.storage,
                world.buyer.member,
                world.contract.number,
                made.id,
                "invoice",
                io.BytesIO(content),
                "a.pdf",
                now=now,
            )
        assert set(refused.value.problems) == {"invoice"}
    with pytest.raises(NotFound):
        payments.attach(
            session,
            world.storage,
            world.buyer.member,
            world.contract.number,
            made.id,
            "contract",
            io.BytesIO(make.PDF),
            "a.pdf",
            now=now,
        )


def test_payments_belong_to_the_buyer_of_a_registered_contract(session, world, now):
    given = make.fields(MILLION, "2026-02-10")
    with pytest.raises(Forbidden):
        payments.enter(session, world.seller.member, world.contract.number, given, now=now)
    stranger = make.enterprise(session, now=now)
    for outsider in (stranger.member, VISITOR, world.office.county):
        with pytest.raises(NotFound):
            payments.enter(session, outsider, world.contract.number, given, now=now)
    draft = make.contract(
        session,
        world.buyer.house,
        world.seller.house,
        technical=MILLION,
        state="SUBMITTED",
        registration_no=None,
        registered_on=None,
    )
    with pytest.raises(Conflict):
        payments.enter(session, world.buyer.member, draft.number, given, now=now)
    other = make.contract(session, stranger.house, world.seller.house, technical=MILLION)
    mine = world.pay()
    with pytest.raises(NotFound):
        payments.one(session, stranger.member, other.number, mine.id)
