"""The language of a page: what the reader chose, else Chinese. English is the second language."""

from collections.abc import Callable

from babel.support import NullTranslations
from flask import Flask, g, has_request_context, request
from flask_babel import Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

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


class RememberedDomain(Domain):
    """The market's texts. A page asks for hundreds: each request looks its language's catalogue up once."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of the language in force; no translations outside an application."""
        if not g:
            return NullTranslations()
        here = vars(g._get_current_object())
        known = here.setdefault("translations_by_locale", {})
        # Where Flask-Babel keeps the language of this request once it was asked for.
        locale = getattr(here.get("_flask_babel"), "babel_locale", None) or get_locale()
        found = known.get(locale)
        if found is None:
            found = known[locale] = super().get_translations()
        return found


def quicken(app: Flask) -> None:
    """Let pages and templates look texts up without asking the extension for its context each time."""
    domain = RememberedDomain()
    app.extensions["babel"].instance.domain_instance = domain
    app.jinja_env.install_gettext_callables(
        gettext=lambda text: domain.get_translations().ugettext(text),
        ngettext=lambda one, many, count: domain.get_translations().ungettext(one, many, count),
        pgettext=lambda context, text: domain.get_translations().upgettext(context, text),
        npgettext=lambda context, one, many, count: domain.get_translations().unpgettext(
            context, one, many, count
        ),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = _template_text(domain)


def _template_text(domain: Domain) -> Callable[..., str]:
    """The `_` of templates: what Jinja's own does in three calls through its context, in one."""

    @pass_eval_context
    def text(evaluation: EvalContext, chinese: str, /, **values: object) -> str:
        found = domain.get_translations().ugettext(chinese)
        return (Markup(found) if evaluation.autoescape else found) % values

    return text
