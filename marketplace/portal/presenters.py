"""The home page and the workbench: what to do first, and the market in figures."""

from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace.deals.models import PricePublicity
from marketplace.deals.presenters import publicity_row
from marketplace.listings.models import Listing
from marketplace.listings.presenters import indicator_texts
from marketplace.notices import presenters as notices
from marketplace.permissions import Actor, Role
from marketplace.portal.services import Desk, Figures, Waiting
from marketplace.subsidies.models import SubsidyApplication
from marketplace.subsidies.staff_presenters import LEVELS as SUBSIDY_LEVELS
from marketplace.subsidies.states import RETURNED
from marketplace.web.jinja import amount_text


@dataclass(frozen=True)
class MenuItem:
    """One entry of the main menu."""

    label: str
    url: str
    active: bool


def menu(path: str, kind: str | None) -> list[MenuItem]:
    """The main menu: a page enters it when it exists."""
    hall = kind if path == url_for("discovery.search") else None
    entries = (
        (gettext("首页"), url_for("portal.home"), path == "/"),
        (gettext("成果大厅"), url_for("discovery.search", kind="achievement"), hall == "achievement"),
        (gettext("需求大厅"), url_for("discovery.search", kind="demand"), hall == "demand"),
        (gettext("交易公示"), url_for("deals.publicity_list"), path.startswith("/publicity")),
        (
            gettext("合同登记"),
            url_for("portal.registration_guide"),
            path == url_for("portal.registration_guide"),
        ),
        (
            gettext("政策补贴"),
            url_for("portal.subsidy_guide"),
            path == url_for("portal.subsidy_guide") or path.startswith("/subsidies"),
        ),
    )
    return [MenuItem(*entry) for entry in entries]


def metrics(figures: Figures) -> list[dict[str, Any]]:
    """The strip of live figures; each links to its list."""
    return [
        _metric(gettext("本月新增成果"), figures.achievements_month, figures.achievements, "achievement"),
        _metric(gettext("本月新增需求"), figures.demands_month, figures.demands, "demand"),
        {
            "label": gettext("90 天内确认有效"),
            "value": figures.fresh,
            "unit": gettext("条"),
            "sub": gettext("占在架 %(share)s %%", share=figures.fresh_share),
            "url": url_for("discovery.search", fresh="90"),
        },
        {
            "label": gettext("本月已登记合同"),
            "value": figures.registered_month,
            "unit": gettext("份"),
            "sub": gettext(
                "累计 %(total)s 份，%(matched)s 条需求有匹配",
                total=figures.registered,
                matched=figures.matched,
            ),
            "url": url_for("contracts.verify"),
        },
    ]


def _metric(label: str, month: int, total: int, kind: str) -> dict[str, Any]:
    return {
        "label": label,
        "value": month,
        "unit": gettext("条"),
        "sub": gettext("累计 %(total)s 条", total=total),
        "url": url_for("discovery.search", kind=kind, sort="newest"),
    }


def publicity_brief(record: PricePublicity, today: date) -> dict[str, Any]:
    """A running publicity on the home page."""
    row = publicity_row(record, today)
    return {name: row[name] for name in ("title", "url", "organisation", "days_left", "elapsed")}


def demand_brief(listing: Listing) -> dict[str, Any]:
    """A demand on the home page."""
    content = listing.accepted_revision.typed_content()
    return {
        "title": content.title,
        "url": url_for("listings.detail", number=listing.number),
        "indicators": "；".join(indicator_texts(content)[:2]) or content.goal[:30],
        "budget": _budget(content),
        "confirmed_on": listing.confirmed_on,
    }


def _budget(content: Any) -> str | None:
    if not content.budget_public or content.price_max_fen is None:
        return gettext("预算不公开") if not content.budget_public else None
    low = content.price_min_fen if content.price_min_fen is not None else content.price_max_fen
    return gettext("预算 %(amount)s", amount=amount_text(low, content.price_max_fen))


def doors(actor: Actor) -> list[dict[str, Any]]:
    """The four doors of the home page, two tasks each."""
    return [
        {
            "icon": "mortarboard",
            "title": gettext("我是科研人员"),
            "tasks": [
                _task(
                    gettext("发布成果"), url_for("listings.start", kind="achievement"), gettext("约 10 分钟")
                ),
                _task(
                    gettext("看谁在找它"), url_for("discovery.search", kind="demand"), gettext("按领域看需求")
                ),
            ],
        },
        {
            "icon": "building",
            "title": gettext("我是企业"),
            "tasks": [
                _task(
                    gettext("发布需求 / 找技术"), url_for("listings.start", kind="demand"), gettext("可匿名")
                ),
                _task(gettext("算一算可享补贴"), url_for("subsidies.calculator"), gettext("无需登录")),
            ],
        },
        {
            "icon": "people",
            "title": gettext("我是技术经纪人"),
            "tasks": [
                _task(gettext("我的工作台"), url_for("portal.workbench"), gettext("跟进与待办")),
                _task(
                    gettext("替客户找成果"),
                    url_for("discovery.search", kind="achievement"),
                    gettext("按指标找"),
                ),
            ],
        },
        {
            "icon": "clipboard-check",
            "title": gettext("我是登记人员"),
            "tasks": [
                _task(gettext("我的工作台"), url_for("portal.workbench"), gettext("待办按期限排")),
                _task(gettext("核验登记证明"), url_for("contracts.verify"), gettext("输入 16 位编号")),
            ],
        },
    ]


def _task(label: str, url: str, hint: str) -> dict[str, str]:
    return {"label": label, "url": url, "hint": hint}


def workbench(desk: Desk, actor: Actor, today: date) -> SimpleNamespace:
    """The workbench: due actions of every role first, then what is new."""
    return SimpleNamespace(
        groups=[
            group
            for group in (
                _approvals(desk),
                _subsidies(desk),
                _applications(desk, today),
                _returned(desk),
                _matches(desk),
                _operator(desk),
            )
            if group
        ],
        notices=[notices.line(notice) for notice in desk.notices],
        can_post=desk.can_post,
        awaits_verification=desk.awaits_verification,
        has_house=bool(actor.members),
        rail=rail(desk, actor, url_for("portal.workbench")),
    )


def rail(waiting: Waiting, actor: Actor, at: str) -> list[dict[str, Any]]:
    """The menu at the side, grouped by verb; a count is what needs me. `at` is the path of the open page."""
    do = [
        _link(gettext("工作台"), "portal.workbench", "inbox"),
        _link(gettext("我的成果和需求"), "listings.mine", "card-list"),
        _link(gettext("我的订阅"), "discovery.saved_searches", "bookmark-star"),
        _link(gettext("联合发布"), "pooling.mine", "people"),
        _link(gettext("我的单位"), "accounts.my_organisations", "building"),
        _link(gettext("我的洽谈"), "deals.mine", "chat-dots"),
        _link(gettext("我的合同"), "contracts.mine", "file-earmark-text"),
        _link(gettext("我的补贴"), "subsidies.mine", "cash-coin"),
        _link(gettext("通知"), "notices.inbox", "bell", waiting.unread or None),
    ]
    review = _review_links(waiting, actor.roles())
    groups = [{"label": gettext("办理"), "links": do}]
    if review:
        groups.append({"label": gettext("审核"), "links": review})
    for link in (*do, *review):
        link["active"] = at == link["url"] or at.startswith(f"{link['url']}/")
    return groups


def _link(label: str, endpoint: str, icon: str, count: int | None = None, **values: str) -> dict[str, Any]:
    return {"label": label, "url": url_for(endpoint, **values), "icon": icon, "count": count}


def _review_links(waiting: Waiting, roles: frozenset[Role]) -> list[dict[str, Any]]:
    """The queues that this person reviews."""
    links = []
    if Role.UNIT_MANAGER in roles:
        links.append(
            _link(gettext("单位审核"), "listings.unit_queue", "clipboard-check", waiting.unit_waiting)
        )
    if roles & {Role.REGISTRAR, Role.AGENCY_HEAD}:
        links.append(_link(gettext("合同登记"), "contracts.queue", "clipboard-check"))
    if Role.OPERATOR in roles:
        links += [
            _link(gettext("信息审核"), "listings.staff_queue", "clipboard-check", waiting.staff_waiting),
            _link(gettext("单位认证"), "accounts.waiting", "building", waiting.organisations_waiting),
            _link(gettext("匹配效果"), "matching.outcomes", "bar-chart"),
            _link(gettext("共性需求"), "pooling.staff_clusters", "diagram-3"),
            _link(gettext("搜索词库"), "lexicon.words", "journal-text"),
            _link(gettext("为用户重设密码"), "accounts.reset_for_person", "key"),
        ]
    return links + _subsidy_links(waiting, roles)


def _subsidy_links(waiting: Waiting, roles: frozenset[Role]) -> list[dict[str, Any]]:
    """The queues of the subsidy that this person reviews, and the batches for those who see all of them."""
    links = [
        _link(gettext(SUBSIDY_LEVELS[level]), "subsidies.review_queue", "clipboard-check", count, level=level)
        for level, count in waiting.subsidy_waiting.items()
    ]
    if roles & {Role.REVIEWER_REGION, Role.FINANCE}:
        links.append(_link(gettext("申报批次"), "subsidies.batches", "layers"))
    return links


def _subsidies(desk: Desk) -> dict[str, Any] | None:
    actions = []
    for level, count in desk.subsidy_waiting.items():
        if count:
            url = url_for("subsidies.review_queue", level=level)
            action = _action("clipboard-check", gettext(SUBSIDY_LEVELS[level]), url, None, gettext("去审核"))
            actions.append({**action, "note": gettext("%(count)s 件待办", count=count)})
    return _group(gettext("补贴待审"), actions)


def _applications(desk: Desk, today: date) -> dict[str, Any] | None:
    return _group(gettext("补贴申报待提交"), [_application(each, today) for each in desk.applications])


def _application(application: SubsidyApplication, today: date) -> dict[str, Any]:
    """A draft to fill in or a returned application to mend, with the days left of the call."""
    returned = application.state == RETURNED
    action = _action(
        "cash-coin",
        application.contract.title,
        url_for("subsidies.application", number=application.number),
        None,
        gettext("去修改") if returned else gettext("继续填写"),
    )
    told = gettext("退回修改，改好后重新提交") if returned else gettext("草稿，填好后提交")
    batch = application.batch
    if today <= batch.closes_on:
        whole = (batch.closes_on - batch.opens_on).days + 1
        gone = (today - batch.opens_on).days
        action["deadline"] = {"days_left": (batch.closes_on - today).days, "elapsed": gone / whole}
    return {**action, "note": f"{application.number} · {told}"}


def _approvals(desk: Desk) -> dict[str, Any] | None:
    actions = [
        _action(
            "clipboard-check",
            r.title,
            url_for("listings.review", whose="unit", revision_id=r.id),
            r.submitted_at,
            gettext("去审核"),
        )
        for r in desk.unit_queue
    ]
    return _group(gettext("待单位审核"), actions)


def _returned(desk: Desk) -> dict[str, Any] | None:
    actions = [
        _action(
            "pencil",
            listing.revisions[-1].title,
            url_for("listings.own", number=listing.number),
            None,
            gettext("去修改"),
        )
        for listing in desk.returned
    ]
    return _group(gettext("退回待修改"), actions)


def _matches(desk: Desk) -> dict[str, Any] | None:
    actions = []
    for demand, count, best in desk.matches:
        action = _action(
            "shuffle",
            demand.accepted_revision.title,
            url_for("matching.matches", number=demand.number),
            None,
            gettext("看匹配"),
        )
        action["note"] = gettext("%(count)s 项待看，最高 %(best)s 分", count=count, best=best)
        actions.append(action)
    return _group(gettext("有匹配待看"), actions)


def _operator(desk: Desk) -> dict[str, Any] | None:
    actions = [
        _action(
            "clipboard-check",
            r.title,
            url_for("listings.review", whose="staff", revision_id=r.id),
            r.submitted_at,
            gettext("去审核"),
        )
        for r in desk.staff_queue
    ]
    actions += [
        _action("building", o.name, url_for("accounts.decide", organisation_id=o.id), None, gettext("去认证"))
        for o in desk.organisations
    ]
    return _group(gettext("平台待办"), actions)


def _action(icon: str, title: str, url: str, since: datetime | None, button: str) -> dict[str, Any]:
    note = gettext("%(day)s 提交", day=since.date().isoformat()) if since else None
    return {"icon": icon, "title": title, "url": url, "note": note, "button_label": button, "button_url": url}


def _group(title: str, actions: list[dict[str, Any]]) -> dict[str, Any] | None:
    return {"title": title, "tone": "", "actions": actions} if actions else None
