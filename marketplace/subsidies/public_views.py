"""Pages for everybody: published lists, the calculator, the rules in force on a day."""

from datetime import date

from flask import Blueprint, render_template, request
from flask_babel import gettext

from marketplace.errors import NotFound
from marketplace.policy.calculator import CalculatorAnswers, CalculatorError
from marketplace.policy.calculator import estimate as estimate_of
from marketplace.policy.loader import load_rule_book
from marketplace.policy.programmes.post_transaction_subsidy import PARAMETERS
from marketplace.policy.table import parse_date
from marketplace.subsidies import calculation_presenters, presenters
from marketplace.subsidies.forms import AMOUNTS, QUESTIONS, CalculatorForm, answers_of
from marketplace.subsidies.services import reading
from marketplace.web import context
from marketplace.web.access import public
from marketplace.web.pagination import PAGE_SIZE, Page, page_number

_LONG_PAGE = 100
#: The order in which a person reads the rules; days and deadlines come last.
_RULES = (*sorted(PARAMETERS), "publicity_days", "payout_deadline")


def attach(bp: Blueprint) -> None:
    """Add these pages to the blueprint of subsidies."""
    bp.add_url_rule("/subsidies/publicity", view_func=publicity_list)
    bp.add_url_rule("/subsidies/publicity/<number>", view_func=publicity)
    bp.add_url_rule("/subsidies/calculator", view_func=calculator)
    bp.add_url_rule("/subsidies/rules", view_func=rules)


@public
def publicity_list():
    """Batches whose list is or was published."""
    found, total = reading.published_batches(context.session(), page=page_number(), size=PAGE_SIZE)
    rows = [presenters.public_batch(batch, context.today()) for batch in found]
    return render_template("subsidies/publicity_list.html", page=Page(rows, page_number(), total))


@public
def publicity(number: str):
    """The list of one batch: enterprise, contract number, technical amount, base, amount."""
    session = context.session()
    batch = reading.batch(session, number)
    if batch.published_on is None:
        raise NotFound
    found, total = reading.public_list(session, batch, page=page_number(), size=_LONG_PAGE)
    running, approved = presenters.public_groups(found)
    return render_template(
        "subsidies/publicity.html",
        batch=presenters.public_batch(batch, context.today()),
        calendar_published=batch.calendar_published,
        running=running,
        approved=approved,
        page=Page(found, page_number(), total, _LONG_PAGE),
    )


@public
def calculator():
    """Estimate a subsidy from a handful of answers; the address holds them all."""
    form = CalculatorForm(request.args)
    readable = bool(request.args) and form.validate()
    year = form.chosen_year() or _next_programme(context.today())
    found = None
    if readable:
        try:
            answers = CalculatorAnswers(programme_year=year, **answers_of(form))
            found = estimate_of(answers, load_rule_book().for_programme(year))
        except CalculatorError as error:
            form[error.field].errors = [gettext(str(error))]
    return render_template(
        "subsidies/calculator.html",
        form=form,
        year=year,
        questions=list(QUESTIONS),
        amounts=list(AMOUNTS),
        result=calculation_presenters.estimate(found) if found else None,
    )


@public
def rules():
    """The parameters in force on a day, with their references."""
    day = parse_date(request.args.get("day")) or context.today()
    in_force = load_rule_book().in_force(day)
    rows = calculation_presenters.rule_rows(in_force, _RULES)
    return render_template("subsidies/rules.html", rows=rows, day=day)


def _next_programme(today: date) -> int:
    """The programme year that payments of this calendar year lead to, by the window in force."""
    found = load_rule_book().in_force(today).get("window")
    return today.year - found["last"]["year_offset"] if found else today.year + 1
