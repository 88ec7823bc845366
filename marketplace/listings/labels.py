"""What the fields and choices of listings are called, in one place for forms, pages and comparisons."""

from marketplace.errors import N_

FIELDS = {
    "title": N_("标题"),
    "use": N_("一句话用途"),
    "problem": N_("解决的问题"),
    "principle": N_("怎样起作用"),
    "keywords": N_("关键词"),
    "scenarios": N_("应用场景"),
    "field_codes": N_("技术领域"),
    "industry_codes": N_("应用行业"),
    "indicators": N_("技术指标"),
    "trl": N_("成熟度"),
    "stage_label": N_("所处阶段"),
    "trl_note": N_("成熟度证明"),
    "ip_rights": N_("知识产权"),
    "ownership": N_("成果归属"),
    "ownership_note": N_("归属说明"),
    "contributors": N_("完成人"),
    "registration_no": N_("成果登记号"),
    "government_project": N_("相关政府项目"),
    "modes": N_("合作方式"),
    "pricing_mode": N_("定价方式"),
    "price_kind": N_("报价方式"),
    "price_min_fen": N_("价格（下限）"),
    "price_max_fen": N_("价格上限"),
    "region_code": N_("所在地区"),
    "confidentiality": N_("公开程度"),
    "contact_name": N_("联系人"),
    "contact_phone": N_("联系电话"),
    "contact_email": N_("电子邮箱"),
    "attachment_ids": N_("附件"),
    "source_note": N_("来源说明"),
    "current_state": N_("现状与难处"),
    "goal": N_("要达到什么"),
    "limits": N_("限制条件"),
    "tried": N_("试过什么办法"),
    "wanted_trl": N_("希望的成熟度"),
    "solve_by": N_("希望在哪天前解决"),
    "budget_public": N_("公开预算"),
    "is_challenge": N_("揭榜挂帅"),
    "limited": N_("定向公开"),
    "hide_owner": N_("不显示单位名称"),
    "valid_from": N_("来源有效期起"),
    "valid_to": N_("来源有效期止"),
}

OWNERSHIPS = {"unit": N_("单位所有"), "shared": N_("单位与完成人共有"), "granted": N_("已赋权给完成人")}

PRICING_MODES = {"negotiated": N_("协议定价"), "listed": N_("挂牌交易"), "auction": N_("拍卖")}

PRICE_KINDS = {"fixed": N_("一口价"), "band": N_("价格区间"), "negotiable": N_("面议，并给出区间")}

CONFIDENTIALITY = {
    "public": N_("公开"),
    "signed_in": N_("登录后可见详情"),
    "after_agreement": N_("签保密协议后可见详情"),
}

IP_STATUSES = {"granted": N_("有效"), "pending": N_("申请中"), "expired": N_("已失效")}

#: The three-step shortcut of market sites, and the range of levels it stands for.
STAGE_LABELS = {
    "in_research": (N_("正在研发"), 1, 3),
    "sample": (N_("已有样品"), 4, 4),
    "lab_scale": (N_("通过小试"), 4, 5),
    "pilot_scale": (N_("通过中试"), 6, 7),
    "mass_production": (N_("可以量产"), 8, 9),
}

NECESSITIES = {True: N_("必须"), False: N_("期望")}
