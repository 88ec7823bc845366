"""Pages of the market's own words: the list, the preview of an addition, adding and removing. For staff."""

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.errors import Invalid
from marketplace.extensions import db
from marketplace.lexicon import presenters
from marketplace.lexicon.forms import RemoveForm, WordsForm
from marketplace.lexicon.services import entries
from marketplace.lexicon.services import preview as previews
from marketplace.lexicon.services.force import Lookup
from marketplace.web import context
from marketplace.web.access import signed_in
from marketplace.web.decisions import asked, taken
from marketplace.web.once import once
from marketplace.web.pagination import PAGE_SIZE, Page, page_number
from marketplace.web.transaction import SAFE_METHODS

bp = Blueprint("lexicon", __name__)
#: Features whose pages read texts with the words in force.
_READING = frozenset({"lexicon", "listings", "discovery", "matching"})


def register(app: Flask) -> None:
    """Attach the pages, and let every process look up now and then which words are in force."""
    app.register_blueprint(bp)
    app.extensions["lexicon"] = Lookup()
    app.before_request(_look_up)


def _look_up() -> None:
    """Before pages only: a request that may write takes the database's write lock first."""
    if request.method in SAFE_METHODS and request.blueprint in _READING:
        current_app.extensions["lexicon"].refresh(db.session)


@bp.get("/staff/lexicon")
@signed_in
def words():
    """What staff have added, and the form to add more."""
    return _page(WordsForm(), status=200)


@bp.get("/staff/lexicon/preview")
@signed_in
def preview():
    """What an addition would change; nothing is stored."""
    return _previewed(WordsForm(request.args, meta={"csrf": False}))


@bp.post("/staff/lexicon")
@signed_in
@once
def add():
    """Apply an addition."""
    form = WordsForm()
    if form.validate():
        try:
            made = entries.add(
                context.session(), context.actor(), form.kind.data, form.words.data or "", now=context.now()
            )
        except Invalid as problems:
            form.take(problems)
        else:
            said = gettext("已生效。") if made.applied_at else gettext("已加入，索引重建后生效。")
            flash(said, "done")
            return redirect(url_for("lexicon.words"))
    return _page(form, status=422)


@bp.route("/staff/lexicon/<int:entry_id>/remove", methods=["GET", "POST"])
@signed_in
@once
def remove(entry_id: int):
    """Take an entry back, after asking."""
    session, actor = context.session(), context.actor()
    found = entries.entry(session, actor, entry_id)
    form = RemoveForm()

    def act(version: int) -> None:
        entries.remove(session, actor, entry_id, version=version, now=context.now())

    if taken(form, found.version, act, said=gettext("已撤下。")):
        return redirect(url_for("lexicon.words"))
    return asked("lexicon/remove.html", form, words=presenters.words_text(found.words), kind=found.kind)


def _previewed(form: WordsForm):
    """The form with what the words would change, or with what is wrong with them."""
    found = None
    if form.validate():
        try:
            found = previews.of(
                context.session(),
                current_app.extensions["search"],
                context.actor(),
                form.kind.data,
                form.words.data or "",
            )
        except Invalid as problems:
            form.take(problems)
    return _page(form, status=422 if form.errors else 200, preview=found)


def _page(form: WordsForm, *, status: int, preview: previews.Preview | None = None):
    rows, total = entries.entries(context.session(), context.actor(), page=page_number(), size=PAGE_SIZE)
    page = Page([presenters.row(each) for each in rows], page_number(), total)
    shown = presenters.preview_page(preview) if preview else None
    return render_template("lexicon/words.html", form=form, page=page, preview=shown), status
