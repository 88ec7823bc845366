"""The verification of an organisation by the market operator (平台运营), and of a change of its identity."""

from marketplace.errors import N_
from marketplace.permissions import Permission
from marketplace.workflow import Machine, Transition

UNVERIFIED = "unverified"
SUBMITTED = "submitted"
VERIFIED = "verified"
RETURNED = "returned"
SUSPENDED = "suspended"

ORGANISATION = Machine(
    name="organisation",
    view=Permission.ORGANISATION_VIEW,
    tells=lambda organisation: ("organisation", organisation.id),
    labels={
        UNVERIFIED: N_("未认证"),
        SUBMITTED: N_("认证审核中"),
        VERIFIED: N_("已认证"),
        RETURNED: N_("退回修改"),
        SUSPENDED: N_("已停用"),
    },
    transitions=(
        Transition(
            "submit",
            frozenset({UNVERIFIED, RETURNED}),
            SUBMITTED,
            Permission.ORGANISATION_EDIT,
            N_("提交认证"),
            required=("evidence",),
        ),
        Transition(
            "verify", frozenset({SUBMITTED}), VERIFIED, Permission.ORGANISATION_VERIFY, N_("通过认证")
        ),
        Transition(
            "return",
            frozenset({SUBMITTED}),
            RETURNED,
            Permission.ORGANISATION_VERIFY,
            N_("退回修改"),
            required=("reason",),
        ),
        Transition(
            "suspend",
            frozenset({VERIFIED}),
            SUSPENDED,
            Permission.ORGANISATION_VERIFY,
            N_("停用"),
            required=("reason",),
        ),
        # Offices and the sources of imported listings: the installation vouches for them, not a licence.
        Transition("enter", frozenset({UNVERIFIED}), VERIFIED, None, N_("由系统登记")),
        Transition("restore", frozenset({SUSPENDED}), VERIFIED, Permission.ORGANISATION_VERIFY, N_("恢复")),
    ),
)

ACCEPTED = "accepted"
REFUSED = "refused"
WITHDRAWN = "withdrawn"


def _can_take_effect(change) -> dict[str, list[str]]:
    """A suspended organisation gets no new name: who it was when it was suspended must stay on record."""
    if change.organisation.state == VERIFIED:
        return {}
    return {"organisation": [N_("单位现在不是“已认证”状态，变更不能生效；请先恢复单位，或不予变更。")]}


#: Beside the organisation's own table: while a change is looked at, the organisation stays verified as it was.
IDENTITY_CHANGE = Machine(
    name="identity_change",
    view=Permission.IDENTITY_CHANGE_VIEW,
    tells=lambda change: ("organisation", change.organisation_id),
    labels={
        SUBMITTED: N_("变更审核中"),
        ACCEPTED: N_("变更已生效"),
        REFUSED: N_("变更未通过"),
        WITHDRAWN: N_("变更已撤回"),
    },
    transitions=(
        Transition(
            "accept",
            frozenset({SUBMITTED}),
            ACCEPTED,
            Permission.ORGANISATION_VERIFY,
            N_("同意变更"),
            guard=_can_take_effect,
        ),
        Transition(
            "refuse",
            frozenset({SUBMITTED}),
            REFUSED,
            Permission.ORGANISATION_VERIFY,
            N_("不予变更"),
            required=("reason",),
        ),
        Transition(
            "withdraw", frozenset({SUBMITTED}), WITHDRAWN, Permission.ORGANISATION_EDIT, N_("撤回变更申请")
        ),
    ),
)
