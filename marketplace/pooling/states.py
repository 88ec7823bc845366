"""The state tables of a cluster, of a firm's answer, and of a response to a published common demand."""

from collections.abc import Mapping

from marketplace.errors import N_
from marketplace.permissions import Permission
from marketplace.workflow import Machine, Transition

PROPOSED = "proposed"
ASKING = "asking"
PUBLISHED = "published"
CLOSED = "closed"
#: The people of a cluster in one of these states know of it.
ASKED = frozenset({ASKING, PUBLISHED})
#: Firms that must agree before a cluster is published: of a single one it would only repeat his own demand, and
#: everything pooled would be his figures.
LEAST_AGREED = 2

WAITING = "waiting"
AGREED = "agreed"
DECLINED = "declined"
POSTPONED = "postponed"
REMOVED = "removed"
GONE = "gone"
ENDED = "ended"
#: A member in one of these states belongs to its cluster.
LIVE = frozenset({WAITING, AGREED, DECLINED, POSTPONED})


def _enough_agreed(cluster) -> Mapping[str, list[str]]:
    agreed = [member for member in cluster.members if member.state == AGREED]
    if len(agreed) >= LEAST_AGREED:
        return {}
    return {"": [N_("同意联合发布的企业还不足两家，暂不能发布。")]}


CLUSTER = Machine(
    name="demand_cluster",
    view=Permission.POOL_VIEW,
    labels={
        PROPOSED: N_("待征求意见"),
        ASKING: N_("征求意见中"),
        PUBLISHED: N_("已发布"),
        CLOSED: N_("已关闭"),
    },
    transitions=(
        Transition("ask", frozenset({PROPOSED}), ASKING, Permission.POOL_MANAGE, N_("征求意见")),
        Transition(
            "publish",
            frozenset({ASKING}),
            PUBLISHED,
            Permission.POOL_MANAGE,
            N_("发布共性需求"),
            guard=_enough_agreed,
        ),
        # A firm took its consent back, and too few are left.
        Transition("suspend", frozenset({PUBLISHED}), ASKING, None, N_("同意的企业不足，撤下")),
        Transition(
            "close",
            frozenset({PROPOSED, ASKING, PUBLISHED}),
            CLOSED,
            Permission.POOL_MANAGE,
            N_("关闭"),
            required=("reason",),
        ),
        # Staff put two clusters together: one goes on with the demands of both, and what was agreed to has changed.
        Transition(
            "take_in",
            frozenset({PROPOSED}),
            PROPOSED,
            Permission.POOL_MANAGE,
            N_("并入另一组的需求"),
            required=("reason",),
        ),
        Transition(
            "take_in",
            frozenset({ASKING, PUBLISHED}),
            ASKING,
            Permission.POOL_MANAGE,
            N_("并入另一组的需求"),
            required=("reason",),
        ),
        Transition(
            "merge",
            frozenset({PROPOSED, ASKING}),
            CLOSED,
            Permission.POOL_MANAGE,
            N_("并入另一组"),
            required=("reason",),
        ),
        # Fewer than two demands that are alike are left; nobody decided that they do not belong together.
        Transition("dissolve", frozenset({PROPOSED, ASKING, PUBLISHED}), CLOSED, None, N_("已不足两条")),
    ),
)

MEMBER = Machine(
    name="cluster_member",
    view=Permission.POOL_ANSWER,
    labels={
        WAITING: N_("未答复"),
        AGREED: N_("同意"),
        DECLINED: N_("不参加"),
        POSTPONED: N_("以后再说"),
        REMOVED: N_("不属于"),
        GONE: N_("已不相近"),
        ENDED: N_("已结束"),
    },
    transitions=(
        Transition("agree", LIVE, AGREED, Permission.POOL_ANSWER, N_("同意联合发布")),
        Transition("decline", LIVE, DECLINED, Permission.POOL_ANSWER, N_("不参加")),
        Transition("postpone", LIVE, POSTPONED, Permission.POOL_ANSWER, N_("以后再说")),
        Transition(
            "remove",
            LIVE,
            REMOVED,
            Permission.POOL_MANAGE,
            N_("这一条不属于"),
            required=("reason",),
        ),
        Transition("leave", LIVE, GONE, None, N_("不再相近或已下架")),
        # Staff closed the cluster: that these do not belong together is remembered.
        Transition("end", LIVE, ENDED, None, N_("已结束")),
        # What the firm was asked about has changed.
        Transition("ask_anew", frozenset({AGREED, POSTPONED}), WAITING, None, N_("内容有变，重新征求")),
        Transition("return", frozenset({REMOVED, GONE}), WAITING, None, N_("重新加入")),
    ),
)

RECEIVED = "received"
FORWARDED = "forwarded"
SET_ASIDE = "set_aside"

RESPONSE = Machine(
    name="cluster_response",
    view=Permission.POOL_MANAGE,
    labels={RECEIVED: N_("待转交"), FORWARDED: N_("已转交"), SET_ASIDE: N_("不转交")},
    transitions=(
        Transition("forward", frozenset({RECEIVED}), FORWARDED, Permission.POOL_MANAGE, N_("转给各家企业")),
        Transition(
            "set_aside",
            frozenset({RECEIVED}),
            SET_ASIDE,
            Permission.POOL_MANAGE,
            N_("不转交"),
            required=("reason",),
        ),
    ),
)
