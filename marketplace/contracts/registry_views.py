"""Pages of the registration agency: the queue by deadline, the review of one contract, its decisions."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext

from marketplace.contracts import presenters, states
from marketplace.contracts.forms import DecisionForm, RefusalForm, SupplementForm
from marketplace.contracts.services import drafting, reading, registration
from marketplace.errors import NotFound
from marketplace.permissions import Role
from marketplace.web import context, decisions
from marketplace.web.access import for_roles
from marketplace.web.pagination import PAGE_SIZE, Page, page_number
from marketplace.workflow import history

_AGENCY = (Role.REGISTRAR, Role.AGENCY_HEAD)
_PLAIN = {
    "accept": registration.accept,
    "approve": registration.approve,
    "second_review": registration.second_review,
    "register": registration.register,
}


def attach(bp: Blueprint) -> None:
    """Add these pages to the blueprint of contracts."""
    bp.add_url_rule("/registry", view_func=queue)
    bp.add_url_rule("/registry/<number>", view_func=review)
    bp.add_url_rule("/registry/<number>/<action>", view_func=act, methods=["GET", "POST"])


@for_roles(*_AGENCY)
def queue():
    """What waits, by deadline."""
    session, actor, state = context.session(), context.actor(), request.args.get("state")
    rows, total = reading.queue(session, actor, page=page_number(), size=PAGE_SIZE, state=state)
    counts = reading.queue_counts(session, actor)
    tabs = [
        {
            "label": gettext("待办"),
            "url": url_for("contracts.queue"),
            "active": state not in states.LABELS,
            "count": sum(counts.get(s, 0) for s in reading.WAITING),
        },
        *(
            {
                "label": gettext(states.LABELS[s]),
                "url": url_for("contracts.queue", state=s),
                "active": state == s,
                "count": counts.get(s, 0),
            }
            for s in (
                states.SUBMITTED,
                states.ACCEPTED,
                states.FIRST_REVIEWED,
                states.SUPPLEMENT,
                states.REGISTERED,
            )
        ),
    ]
    page = Page([presenters.row(c, context.today()) for c in rows], page_number(), total)
    return render_template("contracts/queue.html", page=page, tabs=tabs)


@for_roles(*_AGENCY)
def review(number: str):
    """One contract beside its form, and what can be decided."""
    session, actor = context.session(), context.actor()
    found = reading.view(session, actor, number)
    page = presenters.page(
        found,
        actor,
        drafting.signed_copies(session, found),
        history(session, "contract", found.id),
        context.today(),
    )
    return render_template(
        "contracts/review.html",
        page=page,
        actions=presenters.review_actions(found, actor),
        second_review=registration.second_review_due(found),
    )


@for_roles(*_AGENCY)
def act(number: str, action: str):
    """One decision, asked before it is taken."""
    session, actor = context.session(), context.actor()
    found = reading.view(session, actor, number)
    forms = {"request_supplement": SupplementForm, "refuse": RefusalForm}
    if action not in {*_PLAIN, *forms, "first_review", "send_back"}:
        raise NotFound
    form = forms.get(action, DecisionForm)()

    def decide(version: int) -> None:
        _decide(number, action, form, version)

    if decisions.taken(form, found.version, decide, said=gettext("已办理。")):
        return redirect(url_for("contracts.review", number=number))
    page = presenters.page(found, actor, [], [], context.today())
    label = next(t.label for t in states.CONTRACT.transitions if t.action == action)
    return decisions.asked("contracts/act.html", form, page=page, action=action, label=gettext(label))


def _decide(number: str, action: str, form, version: int) -> None:
    session, actor = context.session(), context.actor()
    common = {"version": version, "now": context.now()}
    if action in _PLAIN:
        _PLAIN[action](session, actor, number, **common)
    elif action == "first_review":
        registration.first_review(session, actor, number, red_flag=form.red_flag.data, **common)
    elif action == "send_back":
        registration.send_back(session, actor, number, form.reason.data or "", **common)
    elif action == "request_supplement":
        reasons = [{"code": form.phrase.data, "text": form.text.data or ""}]
        registration.request_supplement(session, actor, number, reasons, **common)
    else:
        registration.refuse(
            session, actor, number, form.refusal_reason.data or "", form.reason.data or "", **common
        )
