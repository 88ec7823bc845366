"""Names of codes in both languages: regions and industries from their lists, the short lists from the catalogue."""

import pytest
from flask_babel import force_locale

from marketplace import codes
from marketplace.web import code_names


@pytest.fixture
def reading(app):
    """Reads in a language: `with reading("en"): …`."""
    with app.test_request_context():
        yield force_locale


@pytest.mark.parametrize(
    ("entries", "code", "chinese", "english"),
    [
        (codes.regions(), "150000", "内蒙古自治区", "Inner Mongolia"),
        (codes.regions(), "150602", "东胜区", "Dongsheng District"),
        (codes.regions(), "130100", "石家庄市", "Shijiazhuang"),
        (codes.industries(), "C", "制造业", "Manufacturing"),
        (codes.industries(), "C27", "医药制造业", "Pharmaceuticals"),
        (codes.industries(), "C2710", "化学药品原料药制造", "化学药品原料药制造"),
        (codes.regions(), "999999", "999999", "999999"),
        (codes.regions(), None, "", ""),
    ],
)
def test_a_code_is_called_by_its_name(reading, entries, code, chinese, english):
    for language, expected in (("zh_CN", chinese), ("en", english)):
        with reading(language):
            assert code_names.name(entries, code) == expected


def test_paths_are_read_in_the_order_of_their_language(reading):
    with reading("zh_CN"):
        assert code_names.place("150203") == "内蒙古自治区 包头市 昆都仑区"
        assert code_names.place("150203", levels=2) == "包头市 昆都仑区"
        assert code_names.full_name(codes.industries(), "C27") == "制造业 / 医药制造业"
    with reading("en"):
        assert code_names.place("150203") == "Kundulun District, Baotou, Inner Mongolia"
        assert code_names.place("150203", levels=2) == "Kundulun District, Baotou"
        assert code_names.place("150000", levels=2) == "Inner Mongolia"
        assert code_names.full_name(codes.industries(), "C27") == "Manufacturing / Pharmaceuticals"
    assert code_names.place("") == code_names.place(None) == code_names.place("999999") == ""


def test_the_upper_levels_all_have_english_of_their_own():
    regions = list(codes.regions())
    industries = [code for code in codes.industries() if len(code.code) <= 3]
    assert (len(regions), len(industries)) == (467, 117)
    assert all(code.more["en"].isascii() or "’" in code.more["en"] for code in regions + industries)
    assert all(code.more["en"][:1].isupper() for code in regions + industries)
    leagues = [code.more["en"] for code in codes.regions().children("150000")]
    assert len(leagues) == len(set(leagues)) == 12
