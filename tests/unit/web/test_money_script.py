"""The live echo of amounts in the browser says the same as the server, which decides."""

import random

import pytest

from marketplace.config import ROOT
from marketplace.money import (
    AMOUNT_LIMIT_FEN,
    MoneyError,
    amount_in_words,
    format_yuan,
    parse_wan_yuan,
    parse_yuan,
)

pytestmark = pytest.mark.browser

TYPED = [
    "30.5",
    "1,234,567,890.12",
    "０．５",
    "¥50",
    "50万元",
    "50 元",
    "",
    "面议",
    "-3",
    "1.2345678",
    "1.234567",
    "1e3",
    "12,34",
    "0",
]


@pytest.fixture(scope="module")
def page(browser):
    """A blank page with the script loaded."""
    blank = browser.new_page()
    blank.add_script_tag(path=ROOT / "static" / "js" / "money.js")
    yield blank
    blank.close()


def amounts() -> list[int]:
    """Edges of every place, and many amounts with long runs of zeros, where the words are hard."""
    chance = random.Random(20261120)
    edges = [10**n + d for n in range(18) for d in (-1, 0, 1)]
    sparse = [
        sum(chance.choice((0, 0, chance.randint(1, 9))) * 10**n for n in range(chance.randint(1, 18)))
        for _ in range(400)
    ]
    return [fen for fen in edges + sparse if 0 <= fen < AMOUNT_LIMIT_FEN]


def test_words_and_figures_are_those_of_the_server(page):
    tested = amounts()
    assert len(tested) > 400
    shown = page.evaluate(
        "fens => fens.map(f => [marketMoney.words(BigInt(f)), marketMoney.yuan(BigInt(f))])",
        [str(fen) for fen in tested],
    )
    assert shown == [[amount_in_words(fen), f"¥{format_yuan(fen)}"] for fen in tested]


def _read(parse, text):
    try:
        return str(parse(text))
    except MoneyError:
        return None


READ = """([texts, unit]) => texts.map(text => {
  const fen = marketMoney.parse(text, unit);
  return fen === null ? null : String(fen);
})"""


@pytest.mark.parametrize(("unit", "parse"), [("wan", parse_wan_yuan), ("yuan", parse_yuan)])
def test_typed_text_is_read_as_the_server_reads_it(page, unit, parse):
    shown = page.evaluate(READ, [TYPED, unit])
    assert shown == [_read(parse, text) for text in TYPED]
    assert None in shown
    assert any(value is not None for value in shown)
