"""Common demands as people read them: the public page, and what a firm sees of its own place.

Everything that goes to a template here is text about at least two firms; the members themselves are handed over
only where all of them agreed to be named.
"""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace import codes
from marketplace.codes import CodeList
from marketplace.listings.models import Listing
from marketplace.listings.presenters import shown
from marketplace.pooling import states
from marketplace.pooling.models import ClusterMember, DemandCluster
from marketplace.pooling.services.pooled import Pool
from marketplace.web import code_names
from marketplace.web.jinja import amount_text
from marketplace.workflow import HistoryEntry
from search.joint_indicators import JointIndicator

MEMBER_FAMILIES = {
    states.WAITING: "waiting",
    states.AGREED: "done",
    states.DECLINED: "negative",
    states.POSTPONED: "idle",
    states.REMOVED: "negative",
    states.GONE: "idle",
    states.ENDED: "idle",
}


def row(pool: Pool) -> SimpleNamespace:
    """A common demand in the public list."""
    return SimpleNamespace(
        url=url_for("pooling.pooled_demand", number=pool.cluster.number),
        title=pool.cluster.title,
        number=pool.cluster.number,
        firms=pool.firms,
        place=_names(codes.regions(), pool.regions),
        field=_names(codes.technology_fields(), pool.fields),
        budget=budget(pool),
        published_at=pool.cluster.published_at,
    )


def page(pool: Pool) -> SimpleNamespace:
    """A common demand on its own page."""
    return SimpleNamespace(
        number=pool.cluster.number,
        title=pool.cluster.title,
        summary=pool.cluster.summary,
        published_at=pool.cluster.published_at,
        is_published=pool.cluster.state == states.PUBLISHED,
        firms=pool.firms,
        facts=facts(pool),
        indicators=[indicator(one) for one in pool.indicators],
        named=[_named(member) for member in pool.named],
    )


def facts(pool: Pool) -> list[tuple[str, str]]:
    """What may be told, as rows; what fewer than two firms share is said to be so."""
    together = (gettext("联合企业"), gettext("%(count)s 家", count=pool.firms))
    if pool.firms < states.LEAST_AGREED:
        return [together, (gettext("其他情况"), gettext("同意的企业不足两家，暂不公布"))]
    return [
        together,
        (gettext("技术领域"), _names(codes.technology_fields(), pool.fields) or _kept()),
        (gettext("所属行业"), _names(codes.industries(), pool.industries) or _kept()),
        (gettext("所在地区"), _names(codes.regions(), pool.regions) or _kept()),
        (gettext("合计预算"), budget(pool) or gettext("不公布（同意计入的企业不足两家）")),
    ]


def budget(pool: Pool) -> str | None:
    """The pooled budget as a step of the scale."""
    if pool.budget is None:
        return None
    low, high = pool.budget
    if high is None:
        return gettext("%(amount)s以上", amount=amount_text(low))
    if not low:
        return gettext("%(amount)s以内", amount=amount_text(high))
    return amount_text(low, high)


def indicator(joint: JointIndicator) -> dict[str, str]:
    """A joint indicator as a row: name, both ends of the band, how many firms."""

    def end(value: Decimal) -> str:
        return f"{joint.comparator} {_plain(value)} {joint.unit}".strip()

    return {
        "name": joint.name,
        "loosest": end(joint.loosest),
        "strictest": end(joint.strictest),
        "firms": gettext("%(count)s 家", count=joint.stated),
    }


def own_row(member: ClusterMember) -> SimpleNamespace:
    """A firm's place in a cluster, in its own list."""
    cluster = member.cluster
    return SimpleNamespace(
        url=url_for("pooling.answer", member_id=member.id),
        title=cluster.title,
        demand=member.listing.accepted_revision.title,
        firms=len(cluster.live_members),
        state_label=gettext(states.MEMBER.labels[member.state]),
        state_family=MEMBER_FAMILIES[member.state],
        published=cluster.state == states.PUBLISHED,
    )


def own_page(member: ClusterMember) -> SimpleNamespace:
    """What a firm sees before it answers: its own demand, the problem in everybody's words, counts."""
    cluster, content = member.cluster, member.listing.accepted_revision.typed_content()
    agreed = sum(one.state == states.AGREED for one in cluster.members)
    return SimpleNamespace(
        title=cluster.title,
        summary=cluster.summary,
        words="、".join(cluster.words),
        firms=len(cluster.live_members),
        agreed=agreed,
        number=cluster.number if cluster.state == states.PUBLISHED else None,
        demand_title=content.title,
        demand_url=url_for("listings.own", number=member.listing.number),
        own=[
            (gettext("需求编号"), member.listing.number),
            (gettext("要达到的目标"), shown(content, "goal")),
            (gettext("预算上限"), amount_text(content.price_max_fen)),
        ],
        has_budget=content.price_max_fen is not None or content.price_min_fen is not None,
        state_label=gettext(states.MEMBER.labels[member.state]),
        state_family=MEMBER_FAMILIES[member.state],
        answered_at=member.answered_at,
    )


def given(member: ClusterMember) -> dict[str, Any]:
    """A firm's last answer, as the form shows it; nothing is ticked before the first."""
    last = {states.AGREED: "agree", states.DECLINED: "decline", states.POSTPONED: "postpone"}
    return {
        "act": last.get(member.state),
        "counts_budget": member.counts_budget,
        "shows_name": member.shows_name,
    }


def thanks(act: str) -> str:
    """What a firm is told after its answer."""
    if act == "agree":
        return gettext("已同意联合发布，您可以随时回来撤回。")
    return gettext("已记录：不参加。") if act == "decline" else gettext("已记录，您可以随时回来答复。")


def achievement_choices(listings: list[Listing]) -> list[tuple[str, str]]:
    """Achievements to respond with: number and title."""
    return [(row.number, f"{row.accepted_revision.title}（{row.number}）") for row in listings]


def history_line(entry: HistoryEntry) -> dict[str, Any]:
    """One move of a cluster as a line of the timeline."""
    found = next((t for t in states.CLUSTER.transitions if t.action == entry.action), None)
    beside = entry.data.get("other") or entry.data.get("into")
    return {
        "on": entry.at,
        "act": gettext(found.label) if found and found.label else entry.action,
        "note": entry.reason,
        "url": url_for("pooling.staff_cluster", cluster_id=beside) if beside else None,
        "link_label": gettext("看第 %(id)s 组", id=beside) if beside else None,
    }


def question(cluster: DemandCluster) -> str:
    """What a cluster is called where it may have no number yet."""
    return f"{cluster.number} {cluster.title}" if cluster.number else cluster.title


def _named(member: ClusterMember) -> dict[str, str]:
    return {
        "organisation": member.listing.organisation.name,
        "title": member.listing.accepted_revision.title,
        "url": url_for("listings.detail", number=member.listing.number),
    }


def _names(tree: CodeList, chosen: tuple[str, ...]) -> str:
    return code_names.listed(code_names.name(tree, code) for code in chosen)


def _kept() -> str:
    return gettext("不公布（各家不同）")


def _plain(value: Decimal) -> str:
    """A number without trailing noughts and without an exponent."""
    return f"{value.normalize():f}"
