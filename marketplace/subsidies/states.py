"""The way of an application through county, league, region and finance (domain.md 3.7), and of its batch."""

from collections.abc import Mapping

from marketplace.errors import N_
from marketplace.permissions import Permission
from marketplace.workflow import Machine, Transition, no_guard

DRAFT = "DRAFT"
SUBMITTED = "SUBMITTED"
COUNTY_PASSED = "COUNTY_PASSED"
RECOMMENDED = "RECOMMENDED"
ACCEPTED = "ACCEPTED"
FINANCE_CHECKED = "FINANCE_CHECKED"
PROPOSED = "PROPOSED"
PUBLICIZED = "PUBLICIZED"
APPROVED = "APPROVED"
RETURNED = "RETURNED"
REJECTED = "REJECTED"
OBJECTED = "OBJECTED"

LABELS = {
    DRAFT: N_("草稿"),
    SUBMITTED: N_("已提交"),
    COUNTY_PASSED: N_("旗县通过"),
    RECOMMENDED: N_("盟市推荐"),
    ACCEPTED: N_("自治区受理"),
    FINANCE_CHECKED: N_("财务核查通过"),
    PROPOSED: N_("拟支持"),
    PUBLICIZED: N_("公示中"),
    APPROVED: N_("已立项"),
    RETURNED: N_("退回修改"),
    REJECTED: N_("不予支持"),
    OBJECTED: N_("有异议"),
}
_P = Permission

#: Under review: what the applicant handed in stands still.
UNDER_REVIEW = (SUBMITTED, COUNTY_PASSED, RECOMMENDED, ACCEPTED)
#: On a list that has been published and is not yet decided.
PUBLISHED = (PUBLICIZED, OBJECTED)
#: Handed in and neither returned nor refused.
LIVE = (*UNDER_REVIEW, FINANCE_CHECKED, PROPOSED, *PUBLISHED, APPROVED)

BATCH_OPEN = "open"
BATCH_PROPOSED = "proposed"
BATCH_PUBLICIZING = "publicizing"
BATCH_APPROVED = "approved"

BATCH_LABELS = {
    BATCH_OPEN: N_("审核中"),
    BATCH_PROPOSED: N_("名单已拟定"),
    BATCH_PUBLICIZING: N_("公示中"),
    BATCH_APPROVED: N_("已立项"),
}


def _row(action, sources, target, permission, label, required=(), guard=no_guard) -> Transition:
    return Transition(action, frozenset(sources), target, permission, label, guard, required)


def _vouchers_decided(application) -> Mapping[str, list[str]]:
    """Finance passes an application only when every voucher it claims has been verified or refused."""
    if any(claim.payment.status == "PENDING" for claim in application.claims):
        return {"vouchers": [N_("还有凭证没有核验结果，请逐张核验后再通过。")]}
    return {}


_RETURNABLE = (
    ("return_by_county", SUBMITTED, _P.SUBSIDY_COUNTY),
    ("return_by_league", COUNTY_PASSED, _P.SUBSIDY_LEAGUE),
    ("return_by_region", RECOMMENDED, _P.SUBSIDY_REGION),
    ("return_by_finance", ACCEPTED, _P.SUBSIDY_FINANCE),
)

APPLICATION = Machine(
    name="subsidy_application",
    view=_P.SUBSIDY_VIEW,
    labels=LABELS,
    transitions=(
        _row("submit", {DRAFT, RETURNED}, SUBMITTED, _P.SUBSIDY_APPLY, N_("提交申报")),
        _row("pass_county", {SUBMITTED}, COUNTY_PASSED, _P.SUBSIDY_COUNTY, N_("旗县审核通过"), ("reason",)),
        _row("recommend", {COUNTY_PASSED}, RECOMMENDED, _P.SUBSIDY_LEAGUE, N_("盟市推荐"), ("reason",)),
        _row("accept", {RECOMMENDED}, ACCEPTED, _P.SUBSIDY_REGION, N_("自治区受理"), ("reason",)),
        _row(
            "check_finance",
            {ACCEPTED},
            FINANCE_CHECKED,
            _P.SUBSIDY_FINANCE,
            N_("财务核查通过"),
            ("reason",),
            _vouchers_decided,
        ),
        _row("propose", {FINANCE_CHECKED}, PROPOSED, _P.SUBSIDY_REGION, N_("列入拟支持名单")),
        _row("publicize", {PROPOSED}, PUBLICIZED, _P.SUBSIDY_REGION, N_("公示")),
        _row("object", {PUBLICIZED}, OBJECTED, _P.SUBSIDY_REGION, N_("收到异议"), ("reason",)),
        _row("resolve", {OBJECTED}, PUBLICIZED, _P.SUBSIDY_REGION, N_("异议已处理"), ("reason",)),
        _row("approve", {PUBLICIZED}, APPROVED, _P.SUBSIDY_REGION, N_("立项")),
        # The amounts of a list are weighed together: when the facts of one change, the whole list goes back.
        _row(
            "withdraw_from_list",
            {PROPOSED, PUBLICIZED, OBJECTED},
            FINANCE_CHECKED,
            _P.SUBSIDY_REGION,
            N_("撤回名单，重新计算"),
            ("reason",),
        ),
        _row(
            "reject",
            {
                SUBMITTED,
                COUNTY_PASSED,
                RECOMMENDED,
                ACCEPTED,
                FINANCE_CHECKED,
                PROPOSED,
                PUBLICIZED,
                OBJECTED,
            },
            REJECTED,
            _P.SUBSIDY_REGION,
            N_("不予支持"),
            ("reason",),
        ),
        *(
            _row(action, {source}, RETURNED, permission, N_("退回修改"), ("reason",))
            for action, source, permission in _RETURNABLE
        ),
    ),
)

# A batch may have several rounds, one list at a time: what is checked later comes on the next list.
BATCH = Machine(
    name="subsidy_batch",
    labels=BATCH_LABELS,
    transitions=(
        _row(
            "propose",
            {BATCH_OPEN, BATCH_PROPOSED, BATCH_APPROVED},
            BATCH_PROPOSED,
            _P.SUBSIDY_BATCH,
            N_("生成拟支持名单"),
        ),
        _row("publish", {BATCH_PROPOSED}, BATCH_PUBLICIZING, _P.SUBSIDY_BATCH, N_("发布公示")),
        _row("approve", {BATCH_PUBLICIZING}, BATCH_APPROVED, _P.SUBSIDY_BATCH, N_("公示期满，立项")),
        _row(
            "withdraw",
            {BATCH_PROPOSED, BATCH_PUBLICIZING},
            BATCH_OPEN,
            _P.SUBSIDY_BATCH,
            N_("撤回名单，重新计算"),
            ("reason",),
        ),
    ),
)
