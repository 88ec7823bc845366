"""Pages of the gap table: both sides, one industry closer, and the whole as a file."""

from flask import Blueprint, render_template, request
from flask_babel import gettext

from marketplace import codes
from marketplace.listings.content import Kind
from marketplace.pooling import gap_presenters
from marketplace.pooling.services import gaps as counting
from marketplace.web import context
from marketplace.web.access import public
from marketplace.web.downloads import export


def attach(bp: Blueprint) -> None:
    """Add the pages to the blueprint of common demands."""
    bp.add_url_rule("/gaps", view_func=gaps)
    bp.add_url_rule("/gaps.<any(csv, xlsx):ending>", view_func=export_gaps)


@public
def gaps():
    """Where demands find no supply, or supply no demand; unknown choices are the whole table of demands."""
    session = context.session()
    kind = Kind.ACHIEVEMENT if request.args.get("side") == Kind.ACHIEVEMENT else Kind.DEMAND
    section = codes.industries().get(request.args.get("industry"))
    chosen = section.code if section and section.parent is None else None
    page = gap_presenters.page(kind, chosen, counting.table(session, kind, chosen), counting.made_at(session))
    return render_template("pooling/gaps.html", page=page)


@public
def export_gaps(ending: str):
    """The whole table as a file."""
    session = context.session()
    table = gap_presenters.export_table(counting.everything(session), counting.made_at(session))
    return export(table, ending, f"{gettext('供需缺口榜')}-{context.today().isoformat()}")
