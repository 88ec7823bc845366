"""Names of code lists are collected for translation as babel.cfg says."""

from configparser import ConfigParser

from babel.messages.extract import extract_from_file

from marketplace import codes
from marketplace.web.code_texts import extract
from tests.conftest import ROOT


def texts(path) -> set[str]:
    return {text for _line, text, _comments, _context in extract_from_file(extract, path)}


def test_every_list_named_in_the_configuration_gives_its_names():
    configuration = ConfigParser(strict=False)
    configuration.read(ROOT / "babel.cfg", encoding="utf-8")
    lists = [name.split(": ")[1] for name in configuration.sections() if name.startswith("codes: ")]
    collected = set().union(*(texts(ROOT / name) for name in lists))
    shown = {
        entry.name
        for code_list in (codes.technology_fields(), codes.cooperation_modes())
        for entry in code_list
    }
    assert shown and shown <= collected
    assert codes.trl_levels().get("6").name in collected


def test_codes_are_no_texts():
    found = texts(ROOT / "seed_data" / "codes" / "trl.csv")
    assert not found & {str(level) for level in range(10)} and len(found) > 20
