"""The two machines of a listing (architecture decision 1): the revision's and the listing's own.

Expired and “待确认” are not states: they follow from dates. Going off line is an act, done by the system when the
clock of freshness.py has run out, and undone by whoever confirms.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from marketplace.accounts.states import VERIFIED
from marketplace.errors import N_
from marketplace.listings.completeness import guard
from marketplace.permissions import Permission
from marketplace.workflow import Machine, Transition

if TYPE_CHECKING:
    from marketplace.listings.models import Listing

DRAFT = "draft"
UNIT_APPROVAL = "unit_approval"
STAFF_REVIEW = "staff_review"
ACCEPTED = "accepted"
RETURNED = "returned"

REVISION = Machine(
    name="revision",
    view=Permission.REVISION_VIEW,
    labels={
        DRAFT: N_("草稿"),
        UNIT_APPROVAL: N_("待单位审核"),
        STAFF_REVIEW: N_("待平台审核"),
        ACCEPTED: N_("已通过"),
        RETURNED: N_("退回修改"),
    },
    transitions=(
        Transition(
            "submit_to_unit",
            frozenset({DRAFT, RETURNED}),
            UNIT_APPROVAL,
            Permission.REVISION_SUBMIT,
            N_("提交单位审核"),
            guard=guard,
        ),
        Transition(
            "submit_to_staff",
            frozenset({DRAFT, RETURNED}),
            STAFF_REVIEW,
            Permission.REVISION_SUBMIT,
            N_("提交平台审核"),
            guard=guard,
        ),
        Transition(
            "approve",
            frozenset({UNIT_APPROVAL}),
            STAFF_REVIEW,
            Permission.REVISION_APPROVE_UNIT,
            N_("单位同意发布"),
        ),
        Transition(
            "return_by_unit",
            frozenset({UNIT_APPROVAL}),
            RETURNED,
            Permission.REVISION_APPROVE_UNIT,
            N_("退回修改"),
            required=("reason",),
        ),
        Transition(
            "accept", frozenset({STAFF_REVIEW}), ACCEPTED, Permission.REVISION_REVIEW, N_("审核通过并发布")
        ),
        # An import with --publish puts rows in as they are; what is missing is shown to the owner as a defect.
        Transition("accept_import", frozenset({DRAFT}), ACCEPTED, None, N_("导入")),
        Transition(
            "return_by_staff",
            frozenset({STAFF_REVIEW}),
            RETURNED,
            Permission.REVISION_REVIEW,
            N_("退回修改"),
            required=("reason",),
        ),
    ),
)

UNPUBLISHED = "unpublished"
PUBLISHED = "published"
PAUSED = "paused"
WITHDRAWN = "withdrawn"
LAPSED = "lapsed"
#: Taken off the market, each time with a closing reason.
CLOSED = (WITHDRAWN, LAPSED)


def _house_still_verified(listing: "Listing") -> Mapping[str, list[str]]:
    """A listing comes back only where its organisation could post it now."""
    if listing.organisation.state == VERIFIED:
        return {}
    return {"organisation": [N_("发布单位现在没有通过认证，不能重新上架；认证通过后再确认。")]}


LISTING = Machine(
    name="listing",
    view=Permission.LISTING_VIEW,
    tells=lambda listing: ("listing", listing.id),
    labels={
        UNPUBLISHED: N_("未发布"),
        PUBLISHED: N_("在架"),
        PAUSED: N_("已暂停"),
        WITHDRAWN: N_("已下架"),
        LAPSED: N_("超期下架"),
    },
    transitions=(
        # Publishing follows from the review of a revision and is done by the system in the same act.
        Transition(
            "publish", frozenset({UNPUBLISHED, PUBLISHED, WITHDRAWN, LAPSED}), PUBLISHED, None, N_("发布")
        ),
        Transition(
            "pause",
            frozenset({PUBLISHED}),
            PAUSED,
            Permission.LISTING_MANAGE,
            N_("暂停展示"),
            required=("reason",),
        ),
        Transition("resume", frozenset({PAUSED}), PUBLISHED, Permission.LISTING_MANAGE, N_("恢复展示")),
        Transition(
            "withdraw",
            frozenset({PUBLISHED, PAUSED, LAPSED}),
            WITHDRAWN,
            Permission.LISTING_MANAGE,
            N_("下架"),
            required=("closing",),
        ),
        Transition(
            "lapse", frozenset({PUBLISHED}), LAPSED, None, N_("超期未确认，下架"), required=("closing",)
        ),
        # What comes back is the accepted revision, which has been reviewed; a changed one goes through review.
        Transition(
            "confirm_again",
            frozenset({LAPSED}),
            PUBLISHED,
            Permission.LISTING_MANAGE,
            N_("确认仍然有效，重新上架"),
            guard=_house_still_verified,
        ),
    ),
)
