"""Adding a term or a group of synonyms."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField

from marketplace.lexicon.models import SYNONYMS, TERM
from marketplace.web.forms import MarketForm, choices, text

KIND_NAMES = {TERM: _l("术语"), SYNONYMS: _l("同义词")}


class WordsForm(MarketForm):
    """What is added: previewed by GET, applied by POST."""

    kind = RadioField(
        _l("类型"),
        choices=choices(
            [
                (SYNONYMS, _l("同义词：查一个，也找到其他")),
                (TERM, _l("术语：系统把它当作一个词，不再拆开")),
            ]
        ),
        default=SYNONYMS,
    )
    words = text(
        _l("词"),
        200,
        description=_l("同义词用空格隔开，例如“马铃薯 土豆 洋芋”；术语一次一个，例如“煤矸石陶粒”"),
    )


class RemoveForm(MarketForm):
    """Taking an entry back."""

    version = HiddenField()
