"""The lint of templates: they parse, hold no style or script of their own, guard every POST, and speak through _()."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Comment
from flask import Flask
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from jinja2 import nodes

from marketplace.web import jinja

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LONGEST = 250
_HAN = re.compile(r"[\u4e00-\u9fff]")
_STATEMENT = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
#: Chinese that is not for translation: a language's own name, units that name a mode of a field (shown by the
#: caller's own text), and the gallery of components, which only developers open.
_NOT_FOR_TRANSLATION = frozenset({"中文", "万元", "元"})
_FOR_DEVELOPERS = frozenset({"components/gallery.html"})
_TRANSLATORS = {"_", "gettext", "ngettext"}


@pytest.fixture(scope="module")
def environment():
    app = Flask("lint", template_folder=str(ROOT / "templates"))
    app.config["SECRET_KEY"] = "k" * 32
    Babel(app)
    Bootstrap5(app)
    jinja.register(app)
    return app.jinja_env


@pytest.fixture(params=TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def template(request: pytest.FixtureRequest) -> str:
    return request.param.read_text()


def markup(text: str) -> BeautifulSoup:
    """The template's own HTML, with every Jinja expression taken out."""
    return BeautifulSoup(_STATEMENT.sub("", text), "html.parser")


def untranslated(tree: nodes.Template) -> list[str]:
    """Chinese texts of the template that no translator call surrounds."""
    inside = {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in _TRANSLATORS
        for constant in call.find_all(nodes.Const)
    }
    constants = [c.value for c in tree.find_all(nodes.Const) if id(c) not in inside]
    shown = [data.data for data in tree.find_all(nodes.TemplateData)]
    return [
        text
        for text in (*constants, *shown)
        if isinstance(text, str) and _HAN.search(text) and text not in _NOT_FOR_TRANSLATION
    ]


def unguarded_forms(text: str) -> list[str]:
    """POST forms that write no CSRF token."""
    forms = re.findall(r"<form\b(.*?)</form>", text, re.DOTALL | re.IGNORECASE)
    return [
        form[:80]
        for form in forms
        if re.search(r'method="post"', form, re.IGNORECASE)
        and not re.search(r"csrf_token\(\)|hidden_tag\(\)|hidden_fields\(\)|form\.csrf_token", form)
    ]


def test_it_parses_and_is_short(environment, template):
    environment.parse(template)
    assert len(template.splitlines()) <= LONGEST


def test_it_has_no_style_or_script_of_its_own(template):
    page = markup(template)
    assert not page.find_all("style")
    assert not [script for script in page.find_all("script") if not script.get("src") and script.text.strip()]
    own = [
        (tag.name, name)
        for tag in page.find_all(True)
        for name in tag.attrs
        if name == "style" or name[:2] == "on"
    ]
    assert not own
    assert "javascript:" not in template


def test_every_post_form_has_a_token(template):
    assert not unguarded_forms(template)


def test_every_chinese_text_can_be_translated(environment, template, request):
    if request.node.callspec.id in _FOR_DEVELOPERS:
        return
    assert not untranslated(environment.parse(template))
    assert not [t for t in markup(template).find_all(string=_HAN) if not isinstance(t, Comment)]


def test_nothing_is_marked_safe(template):
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", template)


def test_the_lint_finds_what_it_looks_for(environment):
    assert untranslated(environment.parse("<p>没有翻译</p>{{ f('也没有') }}")) == [
        "也没有",
        "<p>没有翻译</p>",
    ]
    assert not untranslated(environment.parse("{# 注释 #}<p>{{ _('翻译了 %(n)s', n=x) }}</p>"))
    assert unguarded_forms('<form method="post"><button></button></form>')
    assert not unguarded_forms('<form method="post">{{ form.hidden_tag() }}</form>')
    assert markup('<p onclick="x" style="y">{{ a }}</p>').p.attrs.keys() == {"onclick", "style"}
