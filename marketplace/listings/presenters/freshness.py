"""The freshness clock in sentences: for those who look after a listing, and as an organisation's public figure."""

from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.listings import freshness, states
from marketplace.listings.closing import CLOSING_REASONS
from marketplace.listings.freshness import Stage
from marketplace.listings.models import Listing
from marketplace.listings.services.confirm_links import Question
from marketplace.listings.services.freshness_figures import Figure
from marketplace.web.jinja import percent


def grey_days(listing: Listing, today: date) -> int | None:
    """Days since the last confirmation where “待确认” stands on a listing; None where it does not."""
    if not freshness.needs_confirmation(listing.confirmed_on, today):
        return None
    return freshness.age(listing.confirmed_on, today)


def days_left(listing: Listing, today: date) -> int | None:
    """Days until “待确认” stands on a published listing that is to be confirmed; None for all others.

    What was confirmed lately is not counted down: its owner's page says when it is due, and the two would differ.
    """
    if listing.state != states.PUBLISHED or freshness.stage(listing.confirmed_on, today) is not Stage.DUE:
        return None
    return (freshness.unconfirmed_on(listing.confirmed_on) - today).days


def clock(listing: Listing, today: date, last_notice_on: date | None) -> SimpleNamespace | None:
    """Where a listing stands for its owner: a sentence, its tone and the button; None where nothing runs."""
    if listing.confirmed_on is None or listing.state not in (states.PUBLISHED, states.LAPSED):
        return None
    lapsed = listing.state == states.LAPSED
    stage = freshness.stage(listing.confirmed_on, today)
    return SimpleNamespace(
        sentence=_lapsed(listing) if lapsed else _SENTENCES[stage](listing, today, last_notice_on),
        urgent=lapsed or stage is not Stage.FRESH,
        lapsed=lapsed,
        button=gettext("仍然有效，重新上架") if lapsed else gettext("确认仍然有效"),
    )


def waiting_row(listing: Listing, today: date, last_notice_on: date | None) -> dict[str, Any]:
    """A listing that waits for its owner's confirmation."""
    return {
        "number": listing.number,
        "title": listing.title,
        "url": url_for("listings.own", number=listing.number),
        "organisation": listing.organisation.name,
        "clock": clock(listing, today, last_notice_on),
    }


def link_page(question: Question) -> SimpleNamespace:
    """The page of a reminder's link."""
    listing = question.listing
    return SimpleNamespace(
        number=listing.number,
        title=listing.title,
        organisation=listing.organisation.name,
        confirmed_on=listing.confirmed_on,
        lapsed=listing.state == states.LAPSED,
        standing=question.standing.value,
        state_label=gettext(states.LISTING.labels[listing.state]),
    )


def closing_counts(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Why a person's listings are off the market, the most frequent reason first."""
    return [
        {"label": gettext(CLOSING_REASONS[code]), "count": count}
        for code, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]


def figure_facts(figure: Figure | None) -> list[tuple[str, str]]:
    """An organisation's public freshness as facts; nothing where it shows nothing in public."""
    if figure is None:
        return []
    return [
        (
            gettext("信息保鲜"),
            gettext(
                "在架 %(count)s 条，%(share)s 在 %(days)s 天内确认过；距上次确认的天数中位 %(median)s 天",
                count=figure.listings,
                share=percent(figure.recent / figure.listings, 0),
                days=freshness.RECENT_DAYS,
                median=f"{figure.median_days:g}",
            ),
        )
    ]


def _fresh(listing: Listing, today: date, _last_notice_on: date | None) -> str:
    left = freshness.REMINDERS[0] - freshness.age(listing.confirmed_on, today)
    return gettext(
        "%(day)s 确认过，%(left)s 天后请再确认一次。", day=listing.confirmed_on.isoformat(), left=left
    )


def _due(listing: Listing, today: date, _last_notice_on: date | None) -> str:
    left = (freshness.unconfirmed_on(listing.confirmed_on) - today).days
    return gettext(
        "上次确认是 %(day)s，还有 %(left)s 天就会标为“待确认”。",
        day=listing.confirmed_on.isoformat(),
        left=left,
    )


def _unconfirmed(listing: Listing, today: date, last_notice_on: date | None) -> str:
    day = listing.confirmed_on.isoformat()
    if last_notice_on is None:
        return gettext(
            "上次确认是 %(day)s，已标为“待确认”并排在后面。一直不确认，会在最后一次提醒 %(days)s 天后下架。",
            day=day,
            days=freshness.NOTICE_PERIOD,
        )
    left = max(0, (freshness.off_line_on(listing.confirmed_on, last_notice_on) - today).days)
    return gettext(
        "上次确认是 %(day)s，已标为“待确认”并排在后面，还有 %(left)s 天就会下架。", day=day, left=left
    )


def _lapsed(listing: Listing) -> str:
    return gettext(
        "自 %(day)s 起没有确认，已下架。仍然有效的，确认后马上重新上架，不用再审核。",
        day=listing.confirmed_on.isoformat(),
    )


_SENTENCES = {
    Stage.FRESH: _fresh,
    Stage.DUE: _due,
    Stage.UNCONFIRMED: _unconfirmed,
    Stage.OVERDUE: _unconfirmed,
}
