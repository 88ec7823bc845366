"""A decision: the version goes out with the page, comes back with the answer, and problems keep what was typed."""

import pytest
from flask import get_flashed_messages
from wtforms import HiddenField
from wtforms.validators import InputRequired

from marketplace.errors import Invalid, StaleEdit
from marketplace.web import decisions
from marketplace.web.forms import MarketForm, text

TEMPLATE = "decision.html"


class _Form(MarketForm):
    version = HiddenField()
    reason = text("原因", 20, InputRequired("请写明原因。"))


@pytest.fixture
def form(app):
    """Make the form of a request; posted fields come by name."""

    def made(**posted) -> _Form:
        stack = app.test_request_context(method="POST" if posted else "GET", data=posted or None)
        stack.push()
        contexts.append(stack)
        return _Form(meta={"csrf": False})

    contexts = []
    yield made
    while contexts:
        contexts.pop().pop()


@pytest.fixture
def rendered(monkeypatch) -> list:
    """What was handed to a template."""
    calls = []
    monkeypatch.setattr(decisions, "render_template", lambda name, **shown: calls.append((name, shown)))
    return calls


def never(version: int) -> None:
    raise AssertionError("nothing was decided")


def refuse(version: int) -> None:
    raise Invalid({"reason": ["原因太短。"], "elsewhere": ["合同还没有付款。"]})


def test_showing_the_page_decides_nothing_and_notes_the_version(form):
    shown = form()
    assert not decisions.taken(shown, 7, never, said="已办理。")
    assert shown.version.data == 7
    assert not get_flashed_messages()


def test_an_answer_is_carried_out_with_the_version_the_person_saw(form):
    seen = []
    assert decisions.taken(form(version="3", reason="价格有误"), 7, seen.append, said="已办理。")
    assert seen == [3]
    assert get_flashed_messages(with_categories=True) == [("done", "已办理。")]


def test_without_words_nothing_is_told(form):
    assert decisions.taken(form(version="3", reason="价格有误"), 7, lambda version: None)
    assert not get_flashed_messages()


@pytest.mark.parametrize("nonsense", ["", "seven", "9" * 40, "-1", "７"])
def test_a_version_that_is_none_fits_no_record(form, nonsense):
    seen = []
    decisions.taken(form(version=nonsense, reason="价格有误"), 7, seen.append)
    assert seen == [-1]


def test_a_form_with_a_gap_is_not_carried_out(form, rendered):
    asked = form(version="3", reason="")
    assert not decisions.taken(asked, 7, never)
    assert decisions.asked(TEMPLATE, asked, title="合同")[1] == 422
    assert asked.version.data == "3", "the version of the first sight stays"
    assert rendered == [(TEMPLATE, {"form": asked, "title": "合同"})]


def test_what_the_service_refuses_stands_in_the_form(form, rendered):
    asked = form(version="3", reason="短")
    assert not decisions.taken(asked, 7, refuse, said="已办理。")
    assert asked.reason.errors == ["原因太短。"]
    assert asked.form_errors == ["合同还没有付款。"]
    assert asked.reason.data == "短"
    assert not get_flashed_messages()
    assert decisions.asked(TEMPLATE, asked)[1] == 422


def test_a_problem_above_the_fields_alone_makes_it_422(form, rendered):
    asked = form(version="3", reason="价格有误")
    asked.take(Invalid({"elsewhere": ["合同还没有付款。"]}))
    assert decisions.asked(TEMPLATE, asked)[1] == 422
    assert decisions.asked(TEMPLATE, form())[1] == 200


def test_a_stale_record_is_told_by_its_own_page(form):
    def stale(version: int) -> None:
        raise StaleEdit

    with pytest.raises(StaleEdit):
        decisions.taken(form(version="3", reason="价格有误"), 7, stale)
