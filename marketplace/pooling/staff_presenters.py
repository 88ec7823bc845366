"""Clusters as staff see them: the list, one with its members and responses, and the questions before an act."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from marketplace.listings import states as listing_states
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember, ClusterResponse, DemandCluster
from marketplace.pooling.presenters import MEMBER_FAMILIES, budget, facts, history_line
from marketplace.pooling.services.merging import Offer
from marketplace.pooling.services.pooled import pool
from marketplace.web.jinja import iso_date
from marketplace.workflow import HistoryEntry

FAMILIES = {
    states.PROPOSED: "waiting",
    states.ASKING: "progress",
    states.PUBLISHED: "done",
    states.CLOSED: "idle",
}
RESPONSE_FAMILIES = {states.RECEIVED: "waiting", states.FORWARDED: "done", states.SET_ASIDE: "idle"}
#: Act → question, what follows from it, the button.
QUESTIONS = {
    "ask": (
        _l("确认征求各家意见？"),
        _l("还没有问过的企业会收到一条通知，只看到中性的名称和概述，看不到别家是谁。"),
        _l("征求意见"),
    ),
    "publish": (
        _l("确认发布这条共性需求？"),
        _l("发布后所有人可见，只显示同意的企业的合计情况。同意的企业会收到通知。"),
        _l("确认发布"),
    ),
    "close": (
        _l("确认关闭这一组？"),
        _l("关闭后公开页面撤下，问过的企业会看到原因；这些需求的内容没有实质变化前不再归为一组。"),
        _l("确认关闭"),
    ),
    "merge": (
        _l("确认把两组合并？"),
        _l(
            "合并后自动归组不再把它们分开，直到某一条的内容有实质变化。答复过的企业会收到通知，要按新的内容重新征求；已发布的页面先撤下。"
        ),
        _l("确认合并"),
    ),
    "remove": (
        _l("确认这一条不属于这一组？"),
        _l("移出后，在它的内容有实质变化前不再归入。"),
        _l("确认移出"),
    ),
    "forward": (
        _l("确认转给各家企业？"),
        _l("同意联合发布的企业会收到通知和成果链接，由它们自己决定是否联系；回应方看不到企业是谁。"),
        _l("确认转交"),
    ),
    "aside": (_l("确认不转交？"), _l("回应方会看到原因。"), _l("确认不转交")),
}


def tabs(counts: dict[str, int], chosen: str | None) -> list[dict[str, Any]]:
    """The states as tabs, open ones first."""
    open_total = sum(count for state, count in counts.items() if state != states.CLOSED)
    entries = [
        {
            "label": gettext("未关闭"),
            "url": url_for("pooling.staff_clusters"),
            "count": open_total,
            "active": chosen is None,
        }
    ]
    for state, label in states.CLUSTER.labels.items():
        entries.append(
            {
                "label": gettext(label),
                "url": url_for("pooling.staff_clusters", state=state),
                "count": counts.get(state, 0),
                "active": chosen == state,
            }
        )
    return entries


def row(cluster: DemandCluster) -> SimpleNamespace:
    """A cluster in the list."""
    live = cluster.live_members
    return SimpleNamespace(
        id=cluster.id,
        title=cluster.title,
        number=cluster.number,
        size=len(live),
        agreed=sum(member.state == states.AGREED for member in live),
        waiting=sum(member.state == states.WAITING for member in live),
        likeness=f"{cluster.likeness:.2f}",
        budget=budget(pool(cluster)),
        state_label=gettext(states.CLUSTER.labels[cluster.state]),
        state_family=FAMILIES[cluster.state],
    )


def page(cluster: DemandCluster, moves: list[HistoryEntry]) -> SimpleNamespace:
    """One cluster with everything staff need to decide."""
    unasked = [member for member in cluster.live_members if member.asked_at is None]
    closed = cluster.state == states.CLOSED
    return SimpleNamespace(
        id=cluster.id,
        title=cluster.title,
        summary=cluster.summary,
        number=cluster.number,
        edited=cluster.edited,
        words=cluster.words,
        likeness=f"{cluster.likeness:.2f}",
        state_label=gettext(states.CLUSTER.labels[cluster.state]),
        state_family=FAMILIES[cluster.state],
        is_open=not closed,
        is_published=cluster.state == states.PUBLISHED,
        can_ask=not closed and bool(unasked),
        unasked=len(unasked),
        can_publish=cluster.state == states.ASKING and _enough(cluster),
        missing=max(0, states.LEAST_AGREED - _agreed(cluster)) if cluster.state == states.ASKING else 0,
        members=[member_row(member) for member in cluster.live_members],
        former=[member_row(member) for member in cluster.members if member.state not in states.LIVE],
        responses=[response_row(response) for response in cluster.responses],
        facts=facts(pool(cluster)),
        history=[history_line(entry) for entry in moves],
    )


def member_row(member: ClusterMember) -> SimpleNamespace:
    """A demand in its cluster, with its firm and what the firm says."""
    content = member.listing.accepted_revision.typed_content()
    ticks = []
    if member.state == states.AGREED:
        ticks.append(gettext("预算计入合计") if member.counts_budget else gettext("预算不计入"))
        ticks.append(gettext("可以公开名称") if member.shows_name else gettext("不公开名称"))
    return SimpleNamespace(
        id=member.id,
        organisation=member.organisation.name,
        title=content.title,
        number=member.listing.number,
        url=url_for("listings.detail", number=member.listing.number),
        is_there=member.listing.state == listing_states.PUBLISHED,
        goal=content.goal,
        likeness=_likeness(member),
        asked=gettext("%(day)s 征求", day=iso_date(member.asked_at))
        if member.asked_at
        else gettext("未征求"),
        state_label=gettext(states.MEMBER.labels[member.state]),
        state_family=MEMBER_FAMILIES[member.state],
        ticks="，".join(ticks),
    )


def _likeness(member: ClusterMember) -> str:
    if member.likeness is None:
        return gettext("各条都与它比较")
    value = f"{member.likeness:.2f}"
    if member.placed:
        # Nought: the worker has not compared it with this centre yet.
        return (
            gettext("人工合并，相近程度 %(value)s", value=value) if member.likeness else gettext("人工合并")
        )
    return gettext("相近程度 %(value)s", value=value)


def merge_page(cluster: DemandCluster, found: Sequence[Offer]) -> SimpleNamespace:
    """What could be put into a cluster."""
    return SimpleNamespace(
        id=cluster.id,
        title=cluster.title,
        offers=[
            SimpleNamespace(
                title=one.title,
                words="、".join(one.words),
                state=gettext(states.CLUSTER.labels[one.state]),
                id=one.id,
                url=url_for("pooling.merge", cluster_id=cluster.id, other=one.id),
            )
            for one in found
        ],
    )


def merge_facts(into: DemandCluster, other: DemandCluster) -> list[tuple[str, str]]:
    """What staff decide on when they put two clusters together."""
    members = [*into.live_members, *other.live_members]
    asked = [m for m in members if m.asked_at is not None and m.state != states.DECLINED]
    declined = sum(member.state == states.DECLINED for member in members)
    return [
        (gettext("保留的组"), _group(into)),
        (gettext("它的需求"), _demands(into)),
        (gettext("并入的组"), _group(other)),
        (gettext("并入的需求"), _demands(other)),
        (gettext("合并后"), gettext("%(count)s 家", count=len(members))),
        (gettext("要重新征求"), gettext("%(count)s 家", count=len(asked))),
        (gettext("已表示不参加"), gettext("%(count)s 家，不再征求", count=declined)),
    ]


def _group(cluster: DemandCluster) -> str:
    state = gettext(states.CLUSTER.labels[cluster.state])
    return gettext("第 %(id)s 组 %(title)s（%(state)s）", id=cluster.id, title=cluster.title, state=state)


def _demands(cluster: DemandCluster) -> str:
    return "；".join(
        f"{member.organisation.name}“{member.listing.accepted_revision.title}”"
        for member in cluster.live_members
    )


def response_row(response: ClusterResponse) -> SimpleNamespace:
    """A response with the achievement it offers."""
    return SimpleNamespace(
        id=response.id,
        organisation=response.organisation.name,
        title=response.achievement.accepted_revision.title,
        url=url_for("listings.detail", number=response.achievement.number),
        text=response.text,
        created_at=response.created_at,
        waits=response.state == states.RECEIVED,
        state_label=gettext(states.RESPONSE.labels[response.state]),
        state_family=RESPONSE_FAMILIES[response.state],
    )


def _agreed(cluster: DemandCluster) -> int:
    return sum(member.state == states.AGREED for member in cluster.members)


def _enough(cluster: DemandCluster) -> bool:
    return _agreed(cluster) >= states.LEAST_AGREED
