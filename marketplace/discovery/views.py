"""The search page: one box over achievements and demands; its state is its address."""

from flask import Blueprint, Flask, current_app, render_template, request

from marketplace.discovery import forms, presenters, services
from marketplace.web import context
from marketplace.web.access import public

bp = Blueprint("discovery", __name__)


def register(app: Flask) -> None:
    """Attach the page."""
    app.register_blueprint(bp)


@bp.get("/search")
@public
def search():
    """Results of a search."""
    actor, today = context.actor(), context.today()
    asked = forms.request_of(request.args, services.scopes(actor), today)
    found = services.search(context.session(), current_app.extensions["search"], actor, asked)
    page = presenters.result_page(found, request.args, today)
    kinds = asked.kinds
    return render_template(
        "discovery/search.html",
        page=page,
        search_query=forms.typed(request.args),
        search_kind=kinds[0] if len(kinds) == 1 else "",
    )
