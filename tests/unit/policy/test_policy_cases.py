"""The cases of the repository, and the shared examples where they are at hand, give what they expect.

`tests/policy_cases/*.yaml` is written for officials: name, explanation, source, facts, expected result.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from marketplace.policy.evaluate import evaluate_case, evaluate_file
from marketplace.policy.kinds import KINDS
from tests.servers import missing

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT.parent / "shared" / "design" / "cases" / "policy_examples.json"

KEYS = {"名称", "说明", "依据", "类别", "facts", "expected"}


def own_cases() -> list[Any]:
    files = sorted((ROOT / "tests" / "policy_cases").glob("*.yaml"))
    return [
        pytest.param(case, id=f"{path.stem}: {case['名称']}")
        for path in files
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def differences(expected: Any, found: Any, place: str = "result") -> list[str]:
    """Where `found` lacks something of `expected`: objects key by key, arrays in length and order."""
    if isinstance(expected, dict) and isinstance(found, dict):
        missing = [f"{place}.{key} is missing" for key in expected if key not in found]
        shared = [key for key in expected if key in found]
        return missing + [
            d for key in shared for d in differences(expected[key], found[key], f"{place}.{key}")
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = zip(expected, found, strict=True)
        return [d for n, (one, two) in enumerate(pairs) for d in differences(one, two, f"{place}[{n}]")]
    same = type(expected) is type(found) and expected == found
    return [] if same else [f"{place} is {found!r}, expected {expected!r}"]


@pytest.mark.parametrize("case", own_cases())
def test_own_case(case):
    assert KEYS <= set(case) <= KEYS | {"parameters"}
    given = {"kind": case["类别"], "facts": case["facts"], "parameters": case.get("parameters")}
    assert differences(case["expected"], evaluate_case(given)) == []


def test_own_cases_have_different_names_and_cover_every_kind():
    cases = [parameter.values[0] for parameter in own_cases()]
    names = [(case["类别"], case["名称"]) for case in cases]
    assert len(set(names)) == len(names)
    assert {case["类别"] for case in cases} == set(KINDS)


@pytest.mark.parametrize(
    ("expected", "found", "wrong"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2, "c": 3}], "d": 4}, 0),
        ({"a": None}, {}, 1),
        ([1, 2], [1, 2, 3], 1),
        ([1, 2], [2, 1], 2),
        (True, 1, 1),
        ({"a": {}}, {"a": []}, 1),
    ],
)
def test_the_comparison_itself_can_fail(expected, found, wrong):
    assert len(differences(expected, found)) == wrong


def test_every_shared_example_of_the_kinds_of_this_version():
    if not EXAMPLES.exists():
        missing("the shared policy examples are not beside this clone")
    text = EXAMPLES.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in evaluate_file(text)]
    wrong = {}
    for case, line in zip(json.loads(text), lines, strict=True):
        expected = case["expected"] if case["kind"] in KINDS else {"error": "UNKNOWN_KIND"}
        if "error" in expected:
            expected = {"error": expected["error"]}
        if found := differences(expected, line["result"]):
            wrong[case["id"]] = found
        assert line["id"] == case["id"]
    assert wrong == {}
