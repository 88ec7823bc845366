"""What can be done with a result as a whole: hearing of what is new, taking it along."""

from flask import url_for
from flask_babel import gettext

from marketplace.discovery.forms import Asked


def page_actions(asked: Asked, hits: int) -> list[dict[str, str]]:
    """Links with the state of the page. An empty result can be waited for, but not taken along."""
    kept = asked.parameters()
    actions = []
    if kept.keys() - {"sort", "plain"}:
        save = url_for("discovery.keep_search", **kept)
        actions.append({"label": gettext("订阅这个搜索"), "icon": "bell", "url": save})
    if hits:
        csv, xlsx = (url_for("discovery.hits", ending=ending, **kept) for ending in ("csv", "xlsx"))
        actions.append({"label": gettext("导出 CSV"), "icon": "download", "url": csv})
        actions.append({"label": gettext("导出 Excel"), "icon": "file-earmark-spreadsheet", "url": xlsx})
    return actions
