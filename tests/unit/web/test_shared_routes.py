"""What applications of one test process share of their addresses changes none of them."""

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.routes import SharedRule

ADDRESSES = ("/", "/listings/<int:number>", "/a b/<text>/<path:rest>", "/<text>")


class _Counting(SharedRule):
    compiled = 0
    _compiled = {}  # noqa: RUF012

    @staticmethod
    def _get_func_code(code, name):
        _Counting.compiled += 1
        return Rule._get_func_code(code, name)


def addresses(rule_class: type[Rule], *, default: int = 1) -> list[str]:
    """What url_for answers in a new application whose rules are of this class."""
    app = Flask("pages", static_folder=None)
    app.url_rule_class = rule_class
    for place, address in enumerate(ADDRESSES):
        app.add_url_rule(address, f"page{place}")
    app.add_url_rule("/list", "list", defaults={"page": default})
    app.add_url_rule("/list/<int:page>", "list")
    values = {"number": 7, "text": "涂层 ?", "rest": "x/y", "q": "&"}
    with app.test_request_context():
        made = [app.url_for(f"page{place}", **values) for place in range(len(ADDRESSES))]
        return [*made, app.url_for("list", page=1), app.url_for("list", page=2)]


def test_addresses_are_those_of_plain_rules():
    plain = addresses(Rule)
    assert plain[1] == "/listings/7?text=%E6%B6%82%E5%B1%82+?&rest=x/y&q=%26"
    assert [addresses(SharedRule), addresses(SharedRule)] == [plain, plain]


def test_a_second_application_compiles_only_rules_with_defaults(monkeypatch):
    monkeypatch.setattr(_Counting, "compiled", 0)
    addresses(_Counting)
    first = _Counting.compiled
    addresses(_Counting)
    assert (first, _Counting.compiled - first) == (2 * (len(ADDRESSES) + 2), 2)


@pytest.mark.parametrize("default", [1, 2])
def test_defaults_of_one_application_are_not_those_of_another(default):
    addresses(SharedRule, default=3 - default)
    expected = {1: ["/list", "/list/2"], 2: ["/list/1", "/list"]}
    assert addresses(SharedRule, default=default)[-2:] == expected[default]
