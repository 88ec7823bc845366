"""The clarity of a demand: every point adds what it is worth, and what is missing is one sentence each."""

from dataclasses import replace

import pytest

from marketplace.listings import clarity
from marketplace.listings.content import DemandContent, DemandIndicator
from tests import factories

CLEAR = factories.demand(
    current_state="现" * 40, goal="要" * 40, limits="不停产", tried="喷涂", wanted_trl=7, keywords=("涂层",)
)


def test_a_clear_demand_has_every_point():
    score, points = clarity.of(CLEAR)
    assert score == 100 and all(point.met for point in points)
    assert sum(point.worth for point in points) == 100


def test_an_empty_demand_has_none():
    score, points = clarity.of(DemandContent())
    assert score == 0 and not any(point.met for point in points)


@pytest.mark.parametrize(
    ("changes", "lost", "fields"),
    [
        ({"current_state": "现" * 39}, 20, ["current_state"]),
        ({"goal": ""}, 15, ["goal"]),
        ({"indicators": ()}, 35, ["indicators", "indicators"]),
        ({"indicators": (DemandIndicator("硬度", target="60"),)}, 10, ["indicators"]),
        ({"limits": ""}, 10, ["limits"]),
        ({"tried": ""}, 5, ["tried"]),
        ({"price_max_fen": None}, 5, ["price_max_fen"]),
        ({"wanted_trl": None}, 5, ["wanted_trl"]),
        ({"keywords": ()}, 5, ["keywords"]),
    ],
)
def test_what_is_missing_costs_its_worth_and_names_its_field(changes, lost, fields):
    score, points = clarity.of(replace(CLEAR, **changes))
    missing = [point for point in points if not point.met]
    assert score == 100 - lost
    assert [point.field for point in missing] == fields
    assert all(point.missing and point.missing != point.text for point in missing)
