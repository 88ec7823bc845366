"""The language of a page: what the reader chose, else Chinese. English is the second language."""

from babel.support import NullTranslations
from flask import Flask, g, has_request_context, request
from flask_babel import get_locale, get_translations

LOCALES = {"zh_CN": "中文", "en": "English"}
COOKIE = "locale"


def chosen() -> str:
    """The language asked for by cookie; Chinese for anything else, also outside a request."""
    if not has_request_context():
        return "zh_CN"
    value = request.cookies.get(COOKIE, "zh_CN")
    return value if value in LOCALES else "zh_CN"


def english() -> bool:
    """Whether what is written now is read in English: the page of this request, or the mail being written."""
    locale = get_locale()
    return locale is not None and locale.language == "en"


def quicken(app: Flask) -> None:
    """Let templates look up the language once per language and request: a page asks for a hundred texts."""
    app.jinja_env.install_gettext_callables(
        gettext=lambda text: _translations().ugettext(text),
        ngettext=lambda one, many, count: _translations().ungettext(one, many, count),
        pgettext=lambda context, text: _translations().upgettext(context, text),
        npgettext=lambda context, one, many, count: _translations().unpgettext(context, one, many, count),
        newstyle=True,
    )


def _translations() -> NullTranslations:
    if not g:
        return NullTranslations()
    locale = get_locale()
    known = g.setdefault("translations_by_locale", {})
    if locale not in known:
        known[locale] = get_translations()
    return known[locale]
