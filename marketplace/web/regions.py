"""Regions as choices of a form."""

from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice

from marketplace import codes
from marketplace.web import code_names, locale
from marketplace.web.forms import choices

_OURS = "15"


def region_choices() -> list[SelectChoice]:
    """Our own leagues, cities and banners first, then the provinces and prefectures of the country.

    In the language of the reader, from the top down, so that what lies in one place stands together.
    """
    regions = codes.regions()
    names = {code.code: code_names.name(regions, code.code) for code in regions}
    between = ", " if locale.english() else " "
    named = [(code, between.join(names[step] for step in regions.path(code))) for code in names]
    ours = [choice for choice in named if choice[0].startswith(_OURS)]
    others = [choice for choice in named if not choice[0].startswith(_OURS)]
    return choices([("", _l("请选择")), *ours, *others])
