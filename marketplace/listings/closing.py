"""Why a listing is taken off the market: a code that its owner can count (product.md feature 4)."""

from collections.abc import Mapping

from marketplace.errors import N_

#: What the clock says where nobody answered.
UNCONFIRMED = "unconfirmed"
OTHER = "other"

#: What a person may choose.
OWN_REASONS: Mapping[str, str] = {
    "solved": N_("问题已解决"),
    "transferred": N_("已转让或已许可"),
    "stopped": N_("不再转让或不再征集"),
    "replaced": N_("已由另一条信息代替"),
    OTHER: N_("其他原因"),
}

CLOSING_REASONS: Mapping[str, str] = {**OWN_REASONS, UNCONFIRMED: N_("超过 120 天未确认")}
