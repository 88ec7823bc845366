"""Frames of all pages: skip link, landmarks, language, modes, forms with tokens, nothing inline."""

from itertools import pairwise
from types import SimpleNamespace

import flask_babel
import pytest

from marketplace.config import ROOT
from marketplace.web import gallery

PAGES = ["components/gallery.html", "home/index.html", "pages/help.html"]
STAFF = """{% extends 'layouts/staff.html' %}{% block title %}队列{% endblock %}
{% block main %}<h1>队列</h1>{% endblock %}"""
FORM = """{% extends 'layouts/form.html' %}{% block form_title %}指标{% endblock %}
{% block form_fields %}{{ fields.text(form.title) }}{% endblock %}"""
USER = SimpleNamespace(is_authenticated=True, display_name="王工", organisation_name="青原重工（示例）")


@pytest.mark.parametrize("page", PAGES)
def test_the_first_link_leads_to_the_content(render, frame, page):
    html = render(page, **frame)
    first = html.body.find("a")
    assert first["href"] == "#main"
    assert html.find(id="main").name == "main"


@pytest.mark.parametrize("page", PAGES)
def test_one_heading_of_the_first_level_and_no_level_left_out(render, frame, page):
    html = render(page, **frame)
    assert len(html.select("h1")) == 1
    levels = [int(h.name[1]) for h in html.find("main").select("h1, h2, h3, h4")]
    from_first = levels[levels.index(1) :]
    assert all(after - before <= 1 for before, after in pairwise(from_first))


@pytest.mark.parametrize("page", PAGES)
def test_nothing_inline_that_the_content_policy_would_drop(render, frame, page):
    html = render(page, **frame)
    assert html.select("[style]") == []
    assert html.select("style") == []
    assert all(script.has_attr("src") and not script.get_text() for script in html.select("script"))
    assert [tag for tag in html.find_all(True) if any(name.startswith("on") for name in tag.attrs)] == []


@pytest.mark.parametrize("page", PAGES)
def test_nothing_comes_from_elsewhere(render, frame, page):
    html = render(page, **frame)
    sources = [tag.get("src") or tag.get("href") for tag in html.select("script, img, link")]
    assert sources
    assert all(source.startswith("/") and not source.startswith("//") for source in sources)


@pytest.mark.parametrize("page", PAGES)
def test_every_linked_style_sheet_script_and_picture_exists(render, frame, page):
    html = render(page, **frame)
    own = [t.get("src") or t.get("href") for t in html.select("script, img, link")]
    for source in own:
        if source.startswith("/static/"):
            assert (ROOT / source.lstrip("/")).is_file(), source


@pytest.mark.parametrize("page", PAGES)
def test_ids_are_unique_and_labels_lead_to_controls(render, frame, page):
    html = render(page, **frame)
    ids = [tag["id"] for tag in html.select("[id]")]
    assert len(ids) == len(set(ids))
    for label in html.select("label[for]"):
        assert label["for"] in ids
    for tag in html.select("[aria-describedby]"):
        assert set(tag["aria-describedby"].split()) <= set(ids)


@pytest.mark.parametrize("page", PAGES)
def test_every_post_carries_a_token(render, frame, page):
    forms = render(page, **frame).select("form[method=post]")
    own_actions = [form for form in forms if form.get("action", "").startswith("/")]
    assert own_actions
    assert all(form.select_one("input[name=csrf_token]") is not None for form in own_actions)


@pytest.mark.parametrize(("locale", "lang", "other"), [("zh_CN", "zh-CN", "en"), ("en", "en", "zh")])
def test_the_language_of_the_page_and_its_switch(render, frame, locale, lang, other):
    html = render("pages/help.html", **{**frame, "locale": locale})
    assert html.html["lang"] == lang
    assert html.select_one("button[name=language]")["value"] == other
    assert html.select_one("form[action='/set_language'] input[name=next]")["value"] == "/list?q=涂层"


@pytest.mark.parametrize(
    ("mode", "attributes"),
    [
        ("standard", {}),
        ("elder", {"data-mode": "elder"}),
        ("elder-large", {"data-mode": "elder", "data-size": "large"}),
        ("contrast", {"data-mode": "contrast"}),
    ],
)
def test_the_way_of_display_is_an_attribute_of_the_page(render, frame, mode, attributes):
    html = render("home/index.html", **{**frame, "display_mode": mode}).html
    assert {name: value for name, value in html.attrs.items() if name.startswith("data-")} == attributes


def test_elder_mode_offers_sizes_reading_and_the_way_out(render, frame):
    html = render("home/index.html", **{**frame, "display_mode": "elder"})
    bar = html.select_one(".tm-elderbar")
    modes = {b["value"]: b.get("aria-pressed") for b in bar.select("button[name=mode]")}
    assert modes == {"elder": "true", "elder-large": "false", "standard": None}
    assert bar.select_one("[data-read-aloud]").has_attr("hidden")
    assert "待填" in bar.get_text()
    assert html.select_one(".tm-menu a") is not None, "no function is removed, only moved to the menu"


def test_a_visitor_sees_log_in_and_a_person_his_name(render, frame):
    visitor = render("pages/help.html", **frame).select_one(".tm-strip").get_text()
    assert "登录" in visitor
    assert "退出" not in visitor
    known = render("pages/help.html", **{**frame, "current_user": USER}).select_one(".tm-strip").get_text()
    assert "青原重工（示例） 王工" in known
    assert "退出" in known
    assert "注册" not in known


def test_sample_data_are_marked(render, frame):
    assert render("pages/help.html", **frame).select_one(".tm-sample").get_text() == "示例数据"
    assert render("pages/help.html", **{**frame, "demo_data": False}).select_one(".tm-sample") is None


def test_the_menu_shows_what_exists_and_where_one_is(render, frame):
    html = render("pages/help.html", **frame)
    for menu in html.select("nav[aria-label=主菜单]"):
        assert menu.select_one("[aria-current=page]").get_text(strip=True) == "首页"
    assert [a.get_text(strip=True) for a in html.select("nav.tm-menu a")] == ["首页", "成果大厅"]


def test_the_breadcrumb_ends_in_the_page_itself(render, frame):
    crumbs = render("pages/help.html", **frame).select(".tm-breadcrumb li")
    assert crumbs[0].a["href"] == "/home"
    assert crumbs[-1].select_one("[aria-current=page]").get_text() == "帮助中心"


def test_authority_numbers_are_placeholders_until_entered(render, frame):
    footer = render("pages/help.html", **frame).footer.get_text()
    assert footer.count("（待填）") == 6
    entered = render("pages/help.html", **frame, operator={"icp": "示例备 1 号"}).footer.get_text()
    assert "示例备 1 号" in entered
    assert entered.count("（待填）") == 5


def test_the_staff_frame(render, frame):
    rail = [
        {
            "label": "登记",
            "links": [{"label": "队列", "url": "/q", "icon": "inbox", "count": 27, "active": True}],
        }
    ]
    search = {"action": "/find", "placeholder": "按编号查找"}
    html = render(
        STAFF, **{**frame, "current_user": USER}, rail=rail, staff_search=search, notification_count=3
    )
    assert html.body["data-density"] == "staff"
    link = html.select_one(".tm-rail a")
    assert link["title"] == "队列"
    assert link["aria-current"] == "page"
    assert "27" in link.get_text()
    assert html.select_one("[data-shortcut='/']")["name"] == "number"
    assert html.find("label", attrs={"for": "staff-search"}) is not None
    assert html.select_one(".tm-footer") is None


def test_the_form_frame_sends_the_first_button_on_enter(app, render, frame):
    with app.test_request_context():
        form = gallery.form()
        html = render(FORM, **frame, form=form, steps=[{"label": "指标", "state": "current"}])
    page_form = html.select_one("form#form")
    first = page_form.find(["button", "input"])
    assert first.name == "button"
    assert not first.has_attr("name")
    assert first["tabindex"] == "-1"
    assert page_form.has_attr("novalidate")
    assert page_form["method"] == "post"
    assert html.find("aside") is None


def test_the_form_frame_has_room_for_advice(app, render, frame):
    with app.test_request_context():
        html = render(
            FORM + "{% block form_side %}清晰度{% endblock %}", **frame, form=gallery.form(), upload=True
        )
    assert html.aside.get_text(strip=True) == "清晰度"
    assert html.select_one("form#form")["enctype"] == "multipart/form-data"


class Foreign:
    """A language in which every sentence is put in brackets."""

    def ugettext(self, text):
        return f"[{text}]"

    def ungettext(self, one, many, count):
        return f"[{one if count == 1 else many}]"


@pytest.mark.parametrize("page", PAGES)
def test_components_speak_the_language_of_each_request(monkeypatch, render, frame, page):
    chinese = render(page, **frame)
    with monkeypatch.context() as patch:
        patch.setattr(flask_babel, "get_translations", Foreign)
        foreign = render(page, **frame)
    assert "[搜索]" in foreign.get_text()
    assert [option.get_text() for option in foreign.select("#search-kind option")] == ["[成果]", "[需求]"]
    # Nothing of the foreign request may stay behind in the modules that Jinja keeps.
    assert render(page, **frame).get_text() == chinese.get_text()
    assert "[" not in chinese.find("header").get_text()
