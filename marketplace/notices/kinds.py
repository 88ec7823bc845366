"""The sentences of each kind of notice: in the workbench and as the subject of its mail."""

from marketplace.errors import N_

SENTENCES = {
    "match_found": N_("需求“%(title)s”找到 %(count)s 项可能合适的成果，最高 %(best)s 分。"),
    "match_declined": N_("对方认为“%(title)s”暂不合适，原因：%(reason)s。"),
    "listing_returned": N_("“%(title)s”被退回修改：%(reason)s"),
    "listing_published": N_("“%(title)s”已通过审核并发布。"),
    "organisation_verified": N_("“%(name)s”已通过认证，可以发布信息了。"),
    "organisation_returned": N_("“%(name)s”的认证材料被退回：%(reason)s"),
    "claim_accepted": N_("您已加入“%(name)s”。"),
    "claim_declined": N_("加入“%(name)s”的申请未通过：%(reason)s"),
    "invitation": N_("“%(name)s”邀请您加入，请在 %(until)s 前处理。"),
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
    "already_registered": N_("有人用您的邮箱注册账号，但您已有账号，密码没有变。如果忘了密码，可以重设。"),
    "password_reset": N_("重设密码：请在 1 小时内打开链接。如果不是您本人操作，请忽略这封邮件。"),
}
