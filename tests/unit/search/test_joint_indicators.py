"""Bands of what several demands ask of the same quantity."""

from decimal import Decimal

import pytest

from search.indicators import Comparator, DemandIndicator
from search.joint_indicators import JointIndicator, joint_indicators


def row(name: str, comparator: str, value: str, unit: str = "") -> DemandIndicator:
    return DemandIndicator(name=name, comparator=Comparator(comparator), value=Decimal(value), unit=unit)


def test_a_band_goes_from_the_loosest_to_the_strictest():
    found = joint_indicators(
        [[row("硬度", "≥", "58", "HRC")], [row("硬度", "≥", "62", "HRC")], [row("硬度", ">", "60", "HRC")]]
    )
    assert found == [
        JointIndicator("硬度", Comparator.AT_LEAST, Decimal(58), Decimal(62), "HRC", 3),
    ]


def test_at_most_is_strictest_at_its_lowest():
    (found,) = joint_indicators([[row("能耗", "≤", "30", "kWh")], [row("能耗", "≤", "20", "kWh")]])
    assert (found.comparator, found.loosest, found.strictest) == (Comparator.AT_MOST, 30, 20)


def test_what_one_alone_states_is_left_out():
    assert joint_indicators([[row("硬度", "≥", "58", "HRC")], [row("工作温度", "≥", "900", "℃")]]) == []
    assert joint_indicators([[row("硬度", "≥", "58", "HRC"), row("硬度", "≥", "60", "HRC")]]) == []


def test_units_are_converted_and_synonyms_meet():
    (found,) = joint_indicators([[row("寿命", "≥", "12", "个月")], [row("使用寿命", "≥", "2", "年")]])
    assert (found.name, found.unit, found.loosest, found.strictest) == ("寿命", "个月", 12, 24)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (row("硬度", "≤", "60", "HRC"), "the other direction"),
        (row("硬度", "≥", "600", "HV"), "no conversion"),
        (row("硬度", "=", "60", "HRC"), "neither least nor most"),
        (row("密度", "≥", "60", "g/cm³"), "another quantity"),
    ],
)
def test_what_does_not_compare_does_not_join(other, why):
    assert joint_indicators([[row("硬度", "≥", "58", "HRC")], [other]]) == [], why


def test_a_range_is_no_bound():
    wide = DemandIndicator(
        name="硬度", comparator=Comparator.RANGE, low=Decimal(55), high=Decimal(60), unit="HRC"
    )
    assert joint_indicators([[wide], [wide]]) == []


def test_the_order_of_demands_changes_nothing():
    demands = [
        [row("硬度", "≥", "58", "HRC"), row("寿命", "≥", "8", "个月")],
        [row("表面硬度", "≥", "60", "HRC")],
        [row("使用寿命", "≥", "1", "年"), row("硬度", "≥", "62", "HRC")],
    ]
    assert joint_indicators(demands) == joint_indicators(demands[::-1])
    assert [found.stated for found in joint_indicators(demands)] == [3, 2]
