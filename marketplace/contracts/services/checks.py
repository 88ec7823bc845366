"""What stands in the way of submitting a contract: the blocking checks of domain.md 2.9 that need no text.

C01 required fields, C02–C06 amounts (by the policy engine), C07 dates, C08 credit codes, C28 region.
"""

from collections.abc import Sequence
from datetime import date

from marketplace import identifiers
from marketplace.attachments import Attachment
from marketplace.contracts.models import Contract
from marketplace.errors import N_
from marketplace.policy.contract_amounts import ContractAmountsFacts, NonTechnicalItem
from marketplace.policy.engine import check_contract_amounts
from marketplace.policy.loader import load_rule_book

_GENERIC_TITLES = frozenset({"技术服务", "合同", "技术合同", "技术开发", "技术转让", "技术咨询", "技术许可"})

AMOUNT_SENTENCES = {
    "AMOUNT_OPEN": N_("合同总额还没有确定，确定后才能办理税收和补贴。"),
    "CARRIER_REASON_MISSING": N_("标为“合理数量标的物”的项目要写明理由。"),
    "TOTAL_NOT_POSITIVE": N_("合同成交额要大于 0。"),
    "TECHNICAL_NOT_POSITIVE": N_("扣除各项后技术交易额要大于 0，请检查扣除项。"),
    "TECHNICAL_EXCEEDS_TOTAL": N_("技术交易额不能大于合同成交额。"),
    "TECHNICAL_MISMATCH": N_("技术交易额与“总额减扣除项”不一致，请核对到分。"),
    "WORDS_MISMATCH": N_("大写金额与数字不一致，请核对。"),
    "INSTALMENTS_MISMATCH": N_("各期付款之和与合同成交额不一致，请核对到分。"),
}


def before_submission(contract: Contract, copies: Sequence[Attachment], today: date) -> dict[str, list[str]]:
    """Field → sentences; empty when the contract may be handed in."""
    problems: dict[str, list[str]] = {}
    for name, sentence in (*_required(contract), *_dates(contract, today), *_parties(contract)):
        problems.setdefault(name, []).append(sentence)
    money = [s for s in amounts(contract) if s != AMOUNT_SENTENCES["AMOUNT_OPEN"]]
    if money:
        problems["items"] = money
    if not copies:
        problems["signed_copy"] = [N_("请上传双方签字盖章的合同扫描件。")]
    return problems


def amounts(contract: Contract) -> list[str]:
    """The sentences of every amount rule that fails (C02, C03, C05, C06)."""
    return [AMOUNT_SENTENCES[code] for code in evaluate(contract).reasons]


def evaluate(contract: Contract):
    """The engine's answer about a contract's amounts: reasons, technical amount, second review."""
    facts = ContractAmountsFacts(
        total_amount=contract.total_amount_fen,
        technical_amount=contract.technical_amount_fen,
        amount_open=contract.amount_open,
        non_technical=tuple(
            NonTechnicalItem(
                kind=i.kind, amount=i.amount_fen, carrier=i.carrier, carrier_reason=i.carrier_reason
            )
            for i in contract.items
        ),
        amount_in_words=contract.amount_in_words or None,
        payment_mode=contract.payment_mode,
        instalments=tuple(i.amount_fen for i in contract.instalments) or None,
        red_flag=contract.red_flag,
    )
    day = contract.accepted_on or contract.created_at.date()
    return check_contract_amounts(facts, load_rule_book().in_force(day))


def _required(contract: Contract):
    if len(contract.title.strip()) < 4 or contract.title.strip() in _GENERIC_TITLES:
        yield "title", N_("项目名称要写明具体技术，不能只写“技术服务”“合同”。")
    if not contract.technical_content.strip():
        yield "technical_content", N_("请写明技术内容、目标和验收标准。")
    if not contract.technology_field:
        yield "technology_field", N_("请选择技术领域。")
    if not contract.industry_code:
        yield "industry_code", N_("请选择服务的国民经济行业。")
    if not contract.socioeconomic_objective:
        yield "socioeconomic_objective", N_("请选择社会经济目标。")
    if not contract.ipr:
        yield "ipr", N_("请选择知识产权类别；没有涉及的选“未涉及知识产权”。")
    if contract.is_related is None:
        yield "is_related", N_("请说明双方是否为关联交易。")
    if contract.contract_class in ("TRANSFER", "LICENSE") and contract.ipr == "none":
        yield "ipr", N_("转让或许可合同要有知识产权，不能选“未涉及”。")
    if contract.total_amount_fen is None and not contract.amount_open:
        yield "total_amount_fen", N_("请填写合同成交额。")


def _dates(contract: Contract, today: date):
    if contract.sign_date is None:
        yield "sign_date", N_("请填写签订日期，格式 2027-06-30。")
    elif contract.sign_date > today:
        yield "sign_date", N_("签订日期不能晚于今天。")
    if contract.begin_date is None or contract.end_date is None:
        yield "end_date", N_("请填写合同的起止日期，格式 2027-06-30。")
    elif not (contract.sign_date or contract.begin_date) <= contract.begin_date <= contract.end_date:
        yield "end_date", N_("日期顺序应为：签订日期 ≤ 开始日期 ≤ 结束日期。")
    elif contract.end_date < today:
        yield "end_date", N_("合同已过有效期，不能再申请登记。")


def _parties(contract: Contract):
    seen: dict[str, str] = {}
    for party in contract.parties:
        if not identifiers.check_credit_code(party.credit_code).valid:
            yield "parties", N_("有一方的统一社会信用代码不对，请先在单位资料里改正。")
        if party.credit_code in seen and seen[party.credit_code] != party.side:
            yield "parties", N_("买卖双方不能是同一单位。")
        seen[party.credit_code] = party.side
