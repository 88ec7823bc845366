"""The one way a decision on a record is asked for and taken: the version shown, the act, the problems, the page.

The version goes into the form when the page is shown and comes back with the answer, so that a service can
tell a decision on a record that somebody else has changed in the meantime.
"""

from collections.abc import Callable

from flask import flash, render_template, request

from marketplace.errors import Invalid
from marketplace.web.forms import MarketForm
from marketplace.web.numbers import number


def taken(form: MarketForm, version: int, act: Callable[[int], object], *, said: str = "") -> bool:
    """Whether the decision was posted and `act` carried it out; then `said` is what the next page tells.

    `act` gets the version the person had seen, -1 for nonsense. Where it raises Invalid, its problems stand in
    the form and nothing is taken; every other error passes.
    """
    if request.method == "GET":
        form.version.data = version
    if not form.validate_on_submit():
        return False
    try:
        act(number(form.version.data))
    except Invalid as problems:
        form.take(problems)
        return False
    if said:
        flash(said, "done")
    return True


def asked(template: str, form: MarketForm, **shown) -> tuple[str, int]:
    """The page that asks: 422 where the form has a problem, also one that stands above the fields."""
    return render_template(template, form=form, **shown), 422 if form.errors else 200
