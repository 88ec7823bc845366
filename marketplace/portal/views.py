"""Home page, workbench, fixed pages, language and display."""

from urllib.parse import urlsplit

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_login import current_user

from marketplace.accounts.services import people
from marketplace.listings.content import Kind
from marketplace.listings.services import reading
from marketplace.notices import services as notices
from marketplace.portal import presenters, services
from marketplace.web import context
from marketplace.web.access import public, signed_in
from marketplace.web.labels import ROLES
from marketplace.web.locale import COOKIE, LOCALES

bp = Blueprint("portal", __name__)
_YEAR = 365 * 24 * 3600
_DISPLAY_MODES = frozenset({"standard", "elder", "elder-large", "contrast"})
_PAGES = ("about", "contact", "help", "sitemap", "privacy", "terms", "registration_guide", "subsidy_guide")


def register(app: Flask) -> None:
    """Attach the pages and what every template may rely on."""
    app.register_blueprint(bp)
    app.context_processor(_frame)
    # Static files are served by Flask itself; they are public by nature.
    app.view_functions["static"]._access = "public"


def _fixed_page(name: str) -> None:
    @public
    def view():
        return render_template(f"pages/{name}.html")

    view.__name__ = name
    bp.add_url_rule(f"/{name.replace('_', '-')}", endpoint=name, view_func=view)


for _name in _PAGES:
    _fixed_page(_name)


@bp.get("/")
@public
def home():
    """The home page."""
    session, now = context.session(), context.now()
    demands = reading.newest(session, Kind.DEMAND, 3)
    running, running_total = services.running_publicities(session, 4)
    return render_template(
        "home/index.html",
        doors=presenters.doors(context.actor()),
        metrics=presenters.metrics(services.figures(session, now=now)),
        metrics_updated=now,
        notices=[presenters.publicity_brief(record, context.today()) for record in running],
        notices_total=running_total,
        notices_url=url_for("deals.publicity_list"),
        demands=[presenters.demand_brief(listing) for listing in demands],
        demands_url=url_for("discovery.search", kind="demand", sort="newest"),
        hot_words=[
            {"label": w, "url": url_for("discovery.search", q=w)} for w in services.hot_words(session)
        ],
    )


@bp.get("/workbench")
@signed_in
def workbench():
    """What is due to this person."""
    desk = services.desk(context.session(), context.actor(), today=context.today())
    page = presenters.workbench(desk, context.actor(), context.today())
    return render_template("portal/workbench.html", page=page, rail=page.rail, notification_count=desk.unread)


@bp.post("/language")
@public
def set_language():
    """Remember the language by cookie, and for mails where somebody is logged in."""
    wanted = {"zh": "zh_CN", "en": "en"}.get(request.form.get("language", ""), "zh_CN")
    if context.actor().user_id is not None and wanted in LOCALES:
        people.set_locale(context.session(), context.actor(), wanted)
    return _remember(COOKIE, wanted)


@bp.post("/display")
@public
def set_display():
    """Remember the way of display by cookie."""
    mode = request.form.get("mode", "standard")
    return _remember("display", mode if mode in _DISPLAY_MODES else "standard")


def _remember(cookie: str, value: str):
    target = request.form.get("next", "/")
    parts = urlsplit(target)
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc
    response = redirect(target if own else "/")
    secure = context.settings().base_url.startswith("https://")
    response.set_cookie(cookie, value, max_age=_YEAR, samesite="Lax", httponly=True, secure=secure)
    return response


def _rail() -> list[dict]:
    """The menu at the side of a staff page; counted only where a page shows it."""
    waiting = services.waiting(context.session(), context.actor())
    return presenters.rail(waiting, context.actor(), request.path)


def _frame() -> dict:
    """What every page's frame shows."""
    actor = context.actor()
    roles = [ROLES[member.role] for member in actor.members]
    return {
        "locale": str(get_locale()),
        "display_mode": request.cookies.get("display", "standard"),
        "today": context.today(),
        "now": context.now(),
        "page_updated": context.now(),
        "demo_data": not context.settings().production,
        "menu": presenters.menu(request.path, request.args.get("kind")),
        "current_user": current_user,
        "role_label": roles[0] if roles else "",
        "notification_count": notices.unread_count(context.session(), actor),
        "staff_rail": _rail,
    }
