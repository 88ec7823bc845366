"""The verification of an organisation by the market operator (平台运营)."""

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
