"""The sentences of each kind of notice: in the workbench and as the subject of its mail."""

from marketplace.errors import N_

SENTENCES = {
    "match_found": N_("需求“%(title)s”找到 %(count)s 项可能合适的成果，最高 %(best)s 分。"),
    "match_declined": N_("对方认为“%(title)s”暂不合适，原因：%(reason)s。"),
    "listing_returned": N_("“%(title)s”被退回修改：%(reason)s"),
    "listing_published": N_("“%(title)s”已通过审核并发布。"),
    "listing_confirm_due": N_(
        "请确认“%(title)s”是否仍然有效：上次确认是 %(day)s，到 %(until)s 还没有确认就会标为“待确认”。"
    ),
    "listing_confirm_last": N_(
        "最后一次提醒：“%(title)s”自 %(day)s 起没有确认，%(until)s 将下架。仍然有效的，请现在确认。"
    ),
    "listing_lapsed": N_(
        "“%(title)s”自 %(day)s 起没有确认，已下架。仍然有效的，确认后马上重新上架，不用再审核。"
    ),
    "organisation_verified": N_("“%(name)s”已通过认证，可以发布信息了。"),
    "organisation_returned": N_("“%(name)s”的认证材料被退回：%(reason)s"),
    "identity_change_accepted": N_("“%(name)s”的认证信息变更已通过核验，新的信息已生效。"),
    "identity_change_refused": N_("“%(name)s”的认证信息变更未通过，原信息继续有效。原因：%(reason)s"),
    "claim_accepted": N_("您已加入“%(name)s”。"),
    "claim_declined": N_("加入“%(name)s”的申请未通过：%(reason)s"),
    "invitation": N_("“%(name)s”邀请您加入，请在 %(until)s 前处理。"),
    "pool_asked": N_("有 %(count)s 家企业（含贵单位）有相近的难题，是否联合发布？您的需求：“%(title)s”。"),
    "pool_published": N_("共性需求 %(number)s“%(title)s”已发布，贵单位的需求在其中。"),
    "pool_suspended": N_("共性需求 %(number)s“%(title)s”因同意的企业不足两家已撤下。"),
    "pool_changed": N_(
        "与“%(title)s”相近的共性需求内容有变，贵单位之前的答复不再算数；平台会按新的内容再次征求意见。"
    ),
    "pool_closed": N_("共性需求“%(title)s”已关闭，原因：%(reason)s"),
    "pool_response": N_("共性需求 %(number)s“%(title)s”有单位说能解决，请看是否转交。"),
    "pool_forwarded": N_("有单位说能解决共性需求 %(number)s“%(title)s”，成果：“%(achievement)s”。"),
    "pool_response_passed": N_("您对共性需求 %(number)s“%(title)s”的回应已转给各家企业，请等联系。"),
    "pool_response_kept": N_("您对共性需求 %(number)s“%(title)s”的回应没有转交，原因：%(reason)s"),
    "deal_opened": N_("“%(title)s”有了新的洽谈。"),
    "deal_message": N_("“%(title)s”的洽谈有新留言。"),
    "deal_terms": N_("对方就“%(title)s”提出了条款，请看是否同意。"),
    "deal_agreed": N_("“%(title)s”的条款双方已同意。"),
    "deal_reopened": N_("“%(title)s”的条款已重新洽谈。"),
    "deal_closed": N_("“%(title)s”的洽谈已结束：%(reason)s"),
    "deal_contact": N_("“%(title)s”的对方同意公开联系方式。"),
    "publicity_posted": N_("“%(title)s”的拟交易价格已公示，%(day)s 起可签合同。"),
    "publicity_confirmed": N_("“%(title)s”的价格公示期满，可以起草合同了（%(day)s 起）。"),
    "supplement_due": N_("合同“%(title)s”需要补正：%(reason)s"),
    "contract_closed": N_("合同“%(title)s”补正逾期，登记申请已退回关闭。"),
    "contract_refused": N_("合同“%(title)s”不予登记：%(reason)s"),
    "contract_registered": N_("合同“%(title)s”已登记，编号 %(number)s。"),
    "registration_ended": N_("合同“%(title)s”的登记已注销或撤销：%(reason)s"),
    "subsidy_returned": N_("补贴申报 %(number)s“%(title)s”被退回修改：%(reason)s"),
    "subsidy_rejected": N_("补贴申报 %(number)s“%(title)s”不予支持：%(reason)s"),
    "subsidy_proposed": N_("补贴申报 %(number)s“%(title)s”已列入拟支持名单，金额 %(amount)s 元。"),
    "subsidy_publicized": N_("补贴申报 %(number)s“%(title)s”正在公示，%(day)s 止。"),
    "subsidy_objection": N_("补贴申报 %(number)s“%(title)s”在公示期收到异议：%(reason)s"),
    "subsidy_award": N_("补贴申报 %(number)s“%(title)s”已立项，补助金额 %(amount)s 元。"),
    "search_digest": N_("您订阅的搜索有 %(count)s 条新信息：%(names)s"),
    "already_registered": N_("有人用您的邮箱注册账号，但您已有账号，密码没有变。如果忘了密码，可以重设。"),
    "password_reset": N_("重设密码：请在 1 小时内打开链接。如果不是您本人操作，请忽略这封邮件。"),
}
