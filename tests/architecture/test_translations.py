"""English is complete: pages, messages, mails and what commands say."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "marketplace" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "_l": None, "N_": None}

#: Chinese characters and the full-width signs of Chinese sentences.
_CHINESE = re.compile("[\u3001-\u9fff\uff00-\uffef]")
_NAMES = frozenset({"Cookie"})


def sources() -> list[str]:
    """Every file that people read something of."""
    paths = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "marketplace").rglob("*.py"),
        *(ROOT / "search").rglob("*.py"),
    ]
    return sorted(str(path.relative_to(ROOT)) for path in paths)


@cache
def english() -> dict[str, str]:
    """Chinese text → English text, for everything translated and not marked fuzzy."""
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en")
    return {
        message.id: message.string
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }


def texts_of(name: str) -> set[str]:
    """The texts marked for translation in one file."""
    method = "jinja2" if name.endswith(".html") else "python"
    found = extract_from_file(method, ROOT / name, keywords=KEYWORDS, options={"trimmed": "true"})
    return {text for _line, text, _comments, _context in found if isinstance(text, str) and text}


@pytest.mark.parametrize("name", sources())
def test_only_chinese_is_marked_for_translation(name):
    # A key inside the call, gettext(row["proof"]), would be collected as if it were a text for people.
    assert not {text for text in texts_of(name) if not _CHINESE.search(text)} - _NAMES


@pytest.mark.parametrize("name", sources())
def test_everything_has_english(name):
    missing = sorted(texts_of(name) - english().keys())
    assert not missing, f"{len(missing)} texts of {name} have no English, e.g. {missing[:3]}"


def test_placeholders_survive_translation():
    import re

    pattern = re.compile(r"%\((\w+)\)[sd]")
    for chinese, text in english().items():
        assert set(pattern.findall(chinese)) == set(pattern.findall(text)), chinese
