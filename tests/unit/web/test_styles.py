"""Style sheets: contrast computed, one place for colours, no class without a rule, small enough to send."""

import gzip
import re

import pytest

from marketplace.config import ROOT

CSS = ROOT / "static" / "css"
TEMPLATES = ROOT / "templates"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
_DECLARATION = re.compile(r"(--[\w-]+):\s*([^;]+);")


def block(selector: str) -> dict[str, str]:
    """The tokens declared under a selector (the first block of that name)."""
    start = TOKENS.index(selector + " {")
    return dict(_DECLARATION.findall(TOKENS[start : TOKENS.index("}", start)]))


NORMAL = block(":root")
CONTRAST = {**NORMAL, **block(':root[data-mode="contrast"]')}


def luminance(colour: str) -> float:
    """Relative luminance of a #rrggbb colour by the WCAG formula."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_gives_the_known_values():
    assert ratio("#ffffff", "#000000") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


TEXT_PAIRS = [
    *[
        (ink, ground)
        for ink in ("--ink", "--ink-2", "--ink-3")
        for ground in ("--surface", "--paper", "--sunken", "--head")
    ],
    *[("--action", ground) for ground in ("--surface", "--paper", "--action-50")],
    ("--action-hover", "--action-100"),
    ("--on-action", "--action"),
    ("--on-action", "--action-hover"),
    ("--on-deep", "--deep"),
    ("--on-deep-2", "--deep"),
    ("--on-deep", "--deep-2"),
    ("--on-deep-2", "--deep-2"),
    *[
        (f"--{tone}", ground)
        for tone in ("success", "time", "danger", "review")
        for ground in ("--surface", "--paper", f"--{tone}-bg")
    ],
    ("--ink", "--mark"),
    ("--seal", "--surface"),
    ("--ink-2", "--elder-bar"),
]
SHAPE_PAIRS = [
    ("--control", "--surface"),
    ("--control", "--paper"),
    ("--action", "--paper"),
    ("--time-fill", "--surface"),
    ("--danger", "--surface"),
    ("--chart-2", "--surface"),
    ("--deep-line", "--deep"),
    ("--focus-deep", "--deep"),
    ("--action", "--sunken"),
    ("--time-fill", "--sunken"),
]


@pytest.mark.parametrize(("tokens", "least"), [(NORMAL, 4.5), (CONTRAST, 7)], ids=["light", "high contrast"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_its_ground(tokens, least, ink, ground):
    # Seal red is the same in every mode: a seal is a picture, its words stand beside it.
    needed = 4.5 if ink == "--seal" else least
    # Coloured grounds are kept in high contrast for their families; 6 : 1 and an edge of 2 px hold there.
    needed = min(needed, 6) if ground.endswith("-bg") else needed
    assert ratio(tokens[ink], tokens[ground]) >= needed


@pytest.mark.parametrize("tokens", [NORMAL, CONTRAST], ids=["light", "high contrast"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_shapes_that_mean_something_stand_out(tokens, shape, ground):
    assert ratio(tokens[shape], tokens[ground]) >= 3


def test_the_site_and_the_browser_ask_for_the_same_high_contrast():
    asked = TOKENS.index("@media (prefers-contrast: more)")
    by_browser = dict(_DECLARATION.findall(TOKENS[asked : TOKENS.index("}\n}", asked)]))
    assert by_browser == block(':root[data-mode="contrast"]')


SHEETS = sorted(CSS.glob("*.css"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_only_the_tokens_hold_colours(sheet):
    if sheet.name in ("tokens.css", "print.css"):  # paper is black on white whatever the tokens say
        return
    assert _COLOUR.findall(_COMMENT.sub("", sheet.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_token_used_is_declared(sheet):
    text = _COMMENT.sub("", sheet.read_text(encoding="utf-8"))
    declared = set(re.findall(r"(--[\w-]+)\s*:", text)) | set(NORMAL)
    used = set(re.findall(r"var\((--[\w-]+)", text))
    assert {name for name in used if not name.startswith("--bs-")} <= declared


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_sheets_are_short_balanced_and_load_nothing_from_elsewhere(sheet):
    text = _COMMENT.sub("", sheet.read_text(encoding="utf-8"))
    assert text.count("{") == text.count("}")
    assert len(text.splitlines()) <= 400
    assert "@import" not in text
    assert "http" not in text.replace('href^="http"', "")
    for address in re.findall(r'url\("([^"]+)"\)', text):
        assert (sheet.parent / address).is_file(), address


def classes_with_rules() -> set[str]:
    return set(re.findall(r"\.(tm-[\w-]+)", "".join(s.read_text(encoding="utf-8") for s in SHEETS)))


def classes_in_our_templates() -> set[str]:
    """Whole class names written in the markup of layouts, components, home, pages and errors."""
    text = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("layouts", "components", "home", "pages", "errors")
        for path in (TEMPLATES / folder).glob("*.html")
    )
    found = set()
    for value in re.findall(r'class="([^"]*)"', text):
        bare = re.sub(r"\{[%{].*?[%}]\}", " ", value)
        # A name cut off by an expression (tm-badge--{{ family }}) ends in a dash and is not whole.
        found |= {name for name in bare.split() if name.startswith("tm-") and not name.endswith("-")}
    return found


def test_no_class_in_the_markup_is_without_a_rule():
    # Names without look of their own, for people who read the markup or for scripts.
    bare = {"tm-price-band", "tm-listing-date", "tm-budget", "tm-factors", "tm-ink", "tm-price", "tm-form"}
    bare.add("tm-ranges")
    assert classes_in_our_templates() - classes_with_rules() - bare == set()


def test_all_sheets_together_stay_within_the_budget():
    own = b"".join(sheet.read_bytes() for sheet in SHEETS)
    assert len(gzip.compress(own)) < 20_000


def test_every_sheet_and_script_is_linked_by_the_frame():
    base = (TEMPLATES / "layouts" / "base.html").read_text(encoding="utf-8")
    for path in [*SHEETS, *(ROOT / "static" / "js").glob("*.js")]:
        assert f"'{path.stem}'" in base, path.name


@pytest.mark.parametrize("script", sorted((ROOT / "static" / "js").glob("*.js")), ids=lambda path: path.name)
def test_scripts_are_short_and_need_no_permission(script):
    text = script.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert not re.search(r"\beval\(|new Function|innerHTML|document\.write|\.style\b|https?://", text)
