"""Regions as choices of a form."""

from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice

from marketplace import codes
from marketplace.web.forms import choices

_OURS = "15"


def region_choices() -> list[SelectChoice]:
    """Our own leagues, cities and banners first, then the provinces and prefectures of the country."""
    regions = codes.regions()
    named = [(code.code, regions.full_name(code.code)) for code in regions]
    ours = [choice for choice in named if choice[0].startswith(_OURS)]
    others = [choice for choice in named if not choice[0].startswith(_OURS)]
    return choices([("", _l("请选择")), *ours, *others])
