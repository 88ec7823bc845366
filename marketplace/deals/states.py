"""The state tables of a deal and of a price publicity."""

from marketplace.errors import N_
from marketplace.permissions import Permission
from marketplace.workflow import Machine, Transition

NEGOTIATING = "negotiating"
AGREED = "agreed"
CONTRACTING = "contracting"
CONCLUDED = "concluded"
CLOSED = "closed"

DEAL = Machine(
    name="deal",
    view=Permission.DEAL_VIEW,
    labels={
        NEGOTIATING: N_("洽谈中"),
        AGREED: N_("条款已达成"),
        CONTRACTING: N_("合同办理中"),
        CONCLUDED: N_("已签约登记"),
        CLOSED: N_("未成交"),
    },
    transitions=(
        # The second side's consent brings both together; the first one's is kept on the terms.
        Transition("agree", frozenset({NEGOTIATING}), AGREED, Permission.DEAL_ACT, N_("双方同意条款")),
        Transition(
            "reopen",
            frozenset({AGREED}),
            NEGOTIATING,
            Permission.DEAL_ACT,
            N_("重新洽谈"),
            required=("reason",),
        ),
        Transition("draft_contract", frozenset({AGREED}), CONTRACTING, Permission.DEAL_ACT, N_("起草合同")),
        # The contract was withdrawn or refused: back to agreed terms.
        Transition("release", frozenset({CONTRACTING}), AGREED, None, N_("合同未登记，退回条款")),
        Transition("conclude", frozenset({CONTRACTING}), CONCLUDED, None, N_("合同已登记")),
        Transition(
            "close",
            frozenset({NEGOTIATING, AGREED}),
            CLOSED,
            Permission.DEAL_ACT,
            N_("结束洽谈"),
            required=("reason",),
        ),
    ),
)

DRAFT = "draft"
PUBLICIZING = "publicizing"
OBJECTED = "objected"
CONFIRMED = "confirmed"
SIGNED = "signed"
INTERRUPTED = "interrupted"

PUBLICITY = Machine(
    name="price_publicity",
    view=Permission.PUBLICITY_VIEW,
    labels={
        DRAFT: N_("待单位发布"),
        PUBLICIZING: N_("公示中"),
        OBJECTED: N_("有异议"),
        CONFIRMED: N_("公示期满无异议"),
        SIGNED: N_("已用于签约"),
        INTERRUPTED: N_("公示中断，作废"),
    },
    transitions=(
        Transition(
            "post", frozenset({DRAFT}), PUBLICIZING, Permission.PUBLICITY_MANAGE, N_("单位同意并发布公示")
        ),
        Transition(
            "object",
            frozenset({PUBLICIZING}),
            OBJECTED,
            Permission.PUBLICITY_MANAGE,
            N_("收到异议"),
            required=("reason",),
        ),
        # Settled: the period goes on, or ends and counts, as its last day says.
        Transition(
            "resolve",
            frozenset({OBJECTED}),
            PUBLICIZING,
            Permission.PUBLICITY_MANAGE,
            N_("异议已处理"),
            required=("reason",),
        ),
        Transition("confirm", frozenset({PUBLICIZING}), CONFIRMED, None, N_("公示期满")),
        Transition(
            "interrupt",
            frozenset({DRAFT, PUBLICIZING, OBJECTED, CONFIRMED}),
            INTERRUPTED,
            Permission.PUBLICITY_MANAGE,
            N_("撤下公示"),
            required=("reason",),
        ),
        Transition("sign", frozenset({CONFIRMED}), SIGNED, None, N_("用于签约")),
    ),
)
