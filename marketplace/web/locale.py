"""The language of a page: what the reader chose, else Chinese. English is the second language."""

from flask import has_request_context, request
from flask_babel import get_locale

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
