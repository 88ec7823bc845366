"""Recognition and registration: thirteen states, this table and no other edge (domain.md 2.4).

The two edges of `resubmit` lead to the state that the request for supplements remembered.
"""

from marketplace.errors import N_
from marketplace.permissions import Permission
from marketplace.workflow import Machine, Transition

DRAFT = "DRAFT"
SUBMITTED = "SUBMITTED"
ACCEPTED = "ACCEPTED"
SUPPLEMENT = "SUPPLEMENT"
FIRST_REVIEWED = "FIRST_REVIEWED"
APPROVED = "APPROVED"
REGISTERED = "REGISTERED"
CHANGED = "CHANGED"
REFUSED = "REFUSED"
WITHDRAWN = "WITHDRAWN"
CLOSED = "CLOSED"
CANCELLED = "CANCELLED"
REVOKED = "REVOKED"

LABELS = {
    DRAFT: N_("草稿"),
    SUBMITTED: N_("已提交"),
    ACCEPTED: N_("已受理"),
    SUPPLEMENT: N_("待补正"),
    FIRST_REVIEWED: N_("初审通过"),
    APPROVED: N_("审核通过"),
    REGISTERED: N_("已登记"),
    CHANGED: N_("已变更"),
    REFUSED: N_("不予登记"),
    WITHDRAWN: N_("已撤回"),
    CLOSED: N_("退回关闭"),
    CANCELLED: N_("已注销"),
    REVOKED: N_("已撤销"),
}


def _row(action, sources, target, permission, label, required=()) -> Transition:
    return Transition(action, frozenset(sources), target, permission, label, required=required)


CONTRACT = Machine(
    name="contract",
    view=Permission.CONTRACT_VIEW,
    labels=LABELS,
    transitions=(
        _row("submit", {DRAFT}, SUBMITTED, Permission.CONTRACT_EDIT, N_("提交登记申请")),
        _row(
            "withdraw",
            {SUBMITTED, ACCEPTED, SUPPLEMENT},
            WITHDRAWN,
            Permission.CONTRACT_EDIT,
            N_("撤回申请"),
            ("reason",),
        ),
        _row("accept", {SUBMITTED}, ACCEPTED, Permission.CONTRACT_REVIEW, N_("受理")),
        _row(
            "request_supplement",
            {SUBMITTED, ACCEPTED, FIRST_REVIEWED},
            SUPPLEMENT,
            Permission.CONTRACT_REVIEW,
            N_("要求补正"),
            ("reason",),
        ),
        _row(
            "resubmit_to_submitted", {SUPPLEMENT}, SUBMITTED, Permission.CONTRACT_EDIT, N_("补正后重新提交")
        ),
        _row("resubmit_to_accepted", {SUPPLEMENT}, ACCEPTED, Permission.CONTRACT_EDIT, N_("补正后重新提交")),
        _row("lapse", {SUPPLEMENT}, CLOSED, None, N_("补正逾期，退回关闭")),
        _row("first_review", {ACCEPTED}, FIRST_REVIEWED, Permission.CONTRACT_REVIEW, N_("初审通过")),
        _row("approve", {FIRST_REVIEWED}, APPROVED, Permission.CONTRACT_REVIEW, N_("审核通过")),
        _row(
            "second_review", {FIRST_REVIEWED}, APPROVED, Permission.CONTRACT_SECOND_REVIEW, N_("二次审核通过")
        ),
        _row(
            "send_back",
            {FIRST_REVIEWED},
            ACCEPTED,
            Permission.CONTRACT_SECOND_REVIEW,
            N_("退回初审"),
            ("reason",),
        ),
        _row(
            "refuse",
            {ACCEPTED, FIRST_REVIEWED},
            REFUSED,
            Permission.CONTRACT_REVIEW,
            N_("不予登记"),
            ("reason", "refusal_reason"),
        ),
        _row("register", {APPROVED}, REGISTERED, Permission.CONTRACT_REVIEW, N_("登记")),
        _row(
            "amend", {REGISTERED, CHANGED}, CHANGED, Permission.CONTRACT_REVIEW, N_("变更登记"), ("reason",)
        ),
        _row(
            "cancel",
            {REGISTERED, CHANGED},
            CANCELLED,
            Permission.CONTRACT_REVIEW,
            N_("注销登记"),
            ("reason",),
        ),
        _row(
            "revoke", {REGISTERED, CHANGED}, REVOKED, Permission.CONTRACT_REVOKE, N_("撤销登记"), ("reason",)
        ),
    ),
)
