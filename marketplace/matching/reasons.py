"""Why a match is declined: a code that the other side sees and that its owner can count."""

from marketplace.errors import N_

DECLINE_REASONS = {
    "price": N_("价格不合适"),
    "maturity": N_("成熟度不够"),
    "indicators": N_("指标达不到"),
    "ownership": N_("权属不清"),
    "region": N_("地域不便"),
    "mode": N_("合作方式不合"),
    "timing": N_("时机不合"),
    "solved": N_("问题已解决"),
    "unrelated": N_("不是同一类问题"),
    "other": N_("其他原因"),
}
