"""What a listing must say before it may be submitted, and what an imported one lacks.

Each problem names its field, so that a form page can link to it; the sentence says what would be right.
"""

from collections.abc import Iterator
from datetime import date

from marketplace.errors import N_
from marketplace.listings.content import AchievementContent, Content, DemandContent, PriceKind

#: A level from here on needs at least one proof; from USER_PROOF_FROM on, one by a user (domain.md 6.1).
PROOF_FROM = 4
USER_PROOF_FROM = 7


def guard(revision) -> dict[str, list[str]]:
    """The guard of `submit`: empty when the revision is complete."""
    return problems(revision.typed_content())


def problems(content: Content) -> dict[str, list[str]]:
    """Field name → sentences, for everything that is missing before submission."""
    checks = _achievement(content) if isinstance(content, AchievementContent) else _demand(content)
    found: dict[str, list[str]] = {}
    for name, sentence in (*_common(content), *checks):
        found.setdefault(name, []).append(sentence)
    return found


def _common(content: Content) -> Iterator[tuple[str, str]]:
    if len(content.title.strip()) < 5:
        yield "title", N_("标题至少 5 个字，写清对象和用途，例如“高炉风口用耐磨涂层”。")
    if not content.field_codes:
        yield "field_codes", N_("请至少选一个技术领域。")
    if not content.industry_codes:
        yield "industry_codes", N_("请至少选一个应用行业。")
    if not content.modes:
        yield "modes", N_("请至少选一种合作方式。")
    if not content.region_code:
        yield "region_code", N_("请选择所在地区。")
    if not content.contact_name.strip():
        yield "contact_name", N_("请填写联系人姓名，双方同意前不公开。")
    if not (content.contact_phone or content.contact_email):
        yield "contact_phone", N_("请填写联系电话或电子邮箱，双方同意前不公开。")
    yield from _price(content)


def _price(content: Content) -> Iterator[tuple[str, str]]:
    if not content.price_kind:
        yield "price_kind", N_("请选择报价方式：一口价、价格区间，或面议并给出区间。")
    elif content.price_kind == PriceKind.FIXED and content.price_min_fen is None:
        yield "price_min_fen", N_("请填写价格，单位为万元，例如 45。")
    elif content.price_kind != PriceKind.FIXED and content.price_max_fen is None:
        yield "price_max_fen", N_("请填写区间的上限，单位为万元；面议也要给出区间，例如 45 至 60。")


def _achievement(content: AchievementContent) -> Iterator[tuple[str, str]]:
    if not content.use.strip():
        yield "use", N_("请用一句话写清这项成果有什么用。")
    if not content.problem.strip():
        yield "problem", N_("请写清它解决什么问题。")
    if not content.principle.strip():
        yield "principle", N_("请用 200 字以内写清它怎样起作用。")
    if content.trl is None:
        yield "trl", N_("请选择成熟度等级。")
    elif content.trl >= PROOF_FROM and not (content.trl_note.strip() or content.attachment_ids):
        yield "trl_note", N_("4 级及以上需要至少一份证明：请上传文件，或写明证明材料名称。")
    if not content.ownership:
        yield "ownership", N_("请选择成果归谁所有。")
    if not content.pricing_mode:
        yield "pricing_mode", N_("请选择定价方式：协议、挂牌或拍卖。")


def _demand(content: DemandContent) -> Iterator[tuple[str, str]]:
    if not content.current_state.strip():
        yield "current_state", N_("请写清现在是什么情况，难在哪里。")
    if not content.goal.strip():
        yield "goal", N_("请写清要达到什么，最好能用数字衡量。")
    if content.solve_by is None:
        yield "solve_by", N_("请填写希望在哪天前解决，例如 2027-06-30。")


def defects(content: Content, today: date) -> list[str]:
    """What an imported listing lacks and its owner can mend (codes; labels in DEFECT_LABELS)."""
    found = []
    if content.price_kind == PriceKind.NEGOTIABLE and content.price_max_fen is None:
        found.append("price_negotiable")
    elif not content.price_kind:
        found.append("no_price")
    if not content.text.strip():
        found.append("no_description")
    if isinstance(content, DemandContent) and content.valid_to and content.valid_to < today:
        found.append("past_validity")
    if not content.field_codes:
        found.append("no_field")
    if not content.modes:
        found.append("no_mode")
    return found


DEFECT_LABELS = {
    "price_negotiable": N_("只写了“面议”，没有价格区间"),
    "no_price": N_("没有价格或预算"),
    "no_description": N_("没有说明文字"),
    "past_validity": N_("来源网站标注的有效期已过"),
    "no_field": N_("没有技术领域"),
    "no_mode": N_("没有合作方式"),
}
