"""The post-transaction subsidy (技术交易后补助, scheme NMG-TT-POST): steps 1–7 of policy.md 3.

`calculate` answers; `work_through` also keeps every figure on the way, from which the trace is written
(`subsidy_trace.py`). Arithmetic in integer fen, “最高” rounds down, parameters come from the rule set.
"""

from dataclasses import dataclass, field
from datetime import date

from marketplace.money import clean, floor_bp, floor_to_unit, largest_remainder
from marketplace.policy.bans import is_banned
from marketplace.policy.outcome import NO_RULE_IN_FORCE, NoAnswer, applying
from marketplace.policy.programmes.subsidy_terms import (
    Contract,
    ContractResult,
    Enterprise,
    PriorAward,
    SubsidyFacts,
    SubsidyResult,
    Voucher,
    VoucherResult,
)
from marketplace.policy.ruleset import RuleSet
from marketplace.policy.values import OFF
from marketplace.policy.windows import window_of

PARAMETERS = frozenset(
    {
        "rate_bp",
        "enterprise_year_cap_fen",
        "contract_life_cap_fen",
        "min_base_fen",
        "rounding_unit_fen",
        "contract_classes",
        "window",
        "first_programme_year",
        "locality_test",
        "eligible_party_kinds",
        "related_party",
        "related_share_bp",
        "fiscal_money",
        "equity_payment",
        "duplicate_level",
        "ban_years",
    }
)

# --- no rule in force ---------------------------------------------------------------------------------------


def without_formula(facts: SubsidyFacts) -> bool:
    """The service arm: the policy names it, but no formula of it is known."""
    return facts.arm == "SERVICE"


def before_first_year(facts: SubsidyFacts, rules: RuleSet) -> bool:
    """A programme year before the policy."""
    return facts.programme_year < rules.value("first_programme_year")


# --- the figures on the way ---------------------------------------------------------------------------------


@dataclass(slots=True)
class ContractWork:
    """Every figure of one contract, in fen. `left` None: amount open. `*_room` None: that cap is off.

    `*_used` is what earlier awards, and for the year also those placed before it, take of a cap.
    """

    contract: Contract
    enterprise: Enterprise
    application: str
    vouchers: tuple[VoucherResult, ...] = ()
    verified_base: int = 0
    prior_base: int = 0
    left: int | None = None
    period_base: int = 0
    rated: int = 0
    rounded: int = 0
    reasons: tuple[str, ...] = ()
    limits: list[str] = field(default_factory=list)
    life_used: int = 0
    life_room: int | None = None
    after_life: int = 0
    year_used: int = 0
    year_room: int | None = None
    after_year: int = 0
    other_level: int = 0
    award: int = 0
    granted: int = 0

    @property
    def raw(self) -> int:
        """Rate times base, rounded; 0 as soon as one reason stands against the contract."""
        return 0 if self.reasons else self.rounded


@dataclass(frozen=True, slots=True)
class SubsidyWork:
    """All contracts in the order of the facts, and `order`: their places in working order."""

    first_day: date
    last_day: date
    contracts: tuple[ContractWork, ...]
    order: tuple[int, ...]


def calculate(facts: SubsidyFacts, rules: RuleSet) -> SubsidyResult | NoAnswer:
    """Answer for all contracts of the facts. Expects facts that `subsidy_conditions` has passed."""
    if without_formula(facts) or before_first_year(facts, rules):
        return NoAnswer(status=NO_RULE_IN_FORCE)
    return result_of(facts, rules, work_through(facts, rules))


def work_through(facts: SubsidyFacts, rules: RuleSet) -> SubsidyWork:
    """Steps 1 to 7: contracts in order of registration, each placed against its enterprise's year."""
    first_day, last_day = window_of(facts.programme_year, rules.value("window"))
    enterprises = {enterprise.enterprise_id: enterprise for enterprise in facts.enterprises}
    met = {clean(used.voucher_no) for used in facts.used_vouchers if used.arm == facts.arm}
    placed: dict[str, int] = dict.fromkeys(enterprises, 0)
    order = sorted(range(len(facts.contracts)), key=lambda place: _working_order(facts.contracts[place]))
    works: dict[int, ContractWork] = {}
    for place in order:
        contract = facts.contracts[place]
        history = _History(facts, contract)
        work = ContractWork(contract, enterprises[contract.enterprise_id], history.application)
        _set_bases(work, history, _vouchers(contract, (first_day, last_day), met, rules))
        _set_raw(work, rules)
        work.reasons = _reasons(work, facts, history, rules)
        _set_award(work, history, placed[contract.enterprise_id], rules)
        placed[contract.enterprise_id] += work.award
        works[place] = work
    contracts = tuple(works[place] for place in range(len(facts.contracts)))
    _share_budget(contracts, facts.budget)
    return SubsidyWork(first_day, last_day, contracts, tuple(order))


def result_of(facts: SubsidyFacts, rules: RuleSet, work: SubsidyWork) -> SubsidyResult:
    """The result that the figures give."""
    return SubsidyResult(
        first_day=work.first_day,
        last_day=work.last_day,
        contracts=tuple(_contract_result(each) for each in work.contracts),
        total_award=sum(each.award for each in work.contracts),
        total_granted=sum(each.granted for each in work.contracts),
        assumed=rules.assumed(PARAMETERS, facts.arm),
    )


def _contract_result(work: ContractWork) -> ContractResult:
    return ContractResult(
        contract_id=work.contract.contract_id,
        application=work.application,
        verified_base=work.verified_base,
        period_base=work.period_base,
        raw=work.raw,
        award=work.award,
        granted=work.granted,
        reasons=work.reasons,
        limits=tuple(work.limits),
        vouchers=work.vouchers,
    )


# --- step 1: order ------------------------------------------------------------------------------------------


def _working_order(contract: Contract) -> tuple[bool, str, str, str]:
    day = contract.registered_on
    number = contract.registration_no or ""
    return (day is None, day.isoformat() if day else "", number, contract.application_no)


class _History:
    """What was granted before, as one contract needs it."""

    def __init__(self, facts: SubsidyFacts, contract: Contract) -> None:
        known = [prior for prior in facts.prior_awards if prior.programme_year <= facts.programme_year]
        own = [p for p in known if p.contract_id == contract.contract_id and p.arm == facts.arm]
        self.base = sum(prior.base for prior in own)
        self.award = sum(prior.award for prior in own)
        self.approved_before = any(prior.programme_year < facts.programme_year for prior in own)
        continuing = contract.application == "CONTINUING" or self.approved_before
        self.application = "CONTINUING" if continuing else "FIRST"
        # The yearly cap is one for both arms: what was granted as seller counts against the buyer.
        self.enterprise_year = sum(
            prior.award for prior in known if self._same_year(prior, facts.programme_year, contract)
        )

    @staticmethod
    def _same_year(prior: PriorAward, programme_year: int, contract: Contract) -> bool:
        return prior.programme_year == programme_year and prior.enterprise_id == contract.enterprise_id


# --- steps 2 and 3: bases -----------------------------------------------------------------------------------


def _vouchers(
    contract: Contract, window: tuple[date, date], met: set[str], rules: RuleSet
) -> tuple[VoucherResult, ...]:
    """Step 2. `met` holds the cleaned numbers met so far, and takes in those of this contract."""
    results = []
    for voucher in contract.vouchers:
        number = clean(voucher.voucher_no)
        reasons = _voucher_reasons(voucher, contract, window, number in met, rules)
        met.add(number)
        base = 0 if reasons else net_of(voucher, rules)
        results.append(VoucherResult(voucher_no=voucher.voucher_no, base=base, reasons=reasons))
    return tuple(results)


def net_of(voucher: Voucher, rules: RuleSet) -> int:
    """The lower of invoice and bank slip, less refund and (unless included) fiscal money; may be negative."""
    fiscal = voucher.fiscal if rules.value("fiscal_money") == "EXCLUDE" else 0
    return min(voucher.invoice_tech, voucher.bank_tech) - voucher.refund - fiscal


def _voucher_reasons(
    voucher: Voucher, contract: Contract, window: tuple[date, date], is_met: bool, rules: RuleSet
) -> tuple[str, ...]:
    divided = contract.amount_open or contract.technical_amount != contract.total_amount
    excluded_equity = rules.value("equity_payment") == "EXCLUDE_UNTIL_CASHED"
    return applying(
        {
            "NOT_VERIFIED": voucher.status != "VERIFIED",
            "OUT_OF_WINDOW": not window[0] <= voucher.paid_on <= window[1],
            "DUPLICATE_VOUCHER": is_met,
            "EQUITY_NOT_CASHED": excluded_equity and voucher.form == "EQUITY" and not voucher.cashed,
            # Never guess a proportion: an undivided payment counts only if the whole contract is technical.
            "TECH_PART_UNCLEAR": not voucher.separated and divided,
            "NET_NOT_POSITIVE": net_of(voucher, rules) <= 0,
        }
    )


def _set_bases(work: ContractWork, history: _History, vouchers: tuple[VoucherResult, ...]) -> None:
    work.vouchers = vouchers
    work.verified_base = sum(voucher.base for voucher in vouchers)
    work.prior_base = history.base
    if not work.contract.amount_open:
        work.left = max(0, work.contract.technical_amount - history.base)
        work.period_base = min(work.verified_base, work.left)


# --- steps 4 and 5: reasons and amount ----------------------------------------------------------------------


def _set_raw(work: ContractWork, rules: RuleSet) -> None:
    """Once on the period base, not per voucher: several small payments lose no fen."""
    work.rated = floor_bp(work.period_base, rules.value("rate_bp"))
    work.rounded = floor_to_unit(work.rated, rules.value("rounding_unit_fen"))


def _reasons(work: ContractWork, facts: SubsidyFacts, history: _History, rules: RuleSet) -> tuple[str, ...]:
    contract = work.contract
    below_minimum = 0 < work.period_base < rules.value("min_base_fen")
    late = (
        None not in (contract.registered_on, facts.applied_on) and contract.registered_on > facts.applied_on
    )
    external = contract.contract_source == "EXTERNAL"
    rejects_double = rules.value("duplicate_level") == "REJECT"
    return applying(
        {
            "BANNED": _is_banned(work.enterprise, facts.applied_on, rules),
            "PARTY_KIND": work.enterprise.party_kind not in rules.value("eligible_party_kinds"),
            "LOCALITY": _is_outside(work.enterprise, rules.value("locality_test")),
            "NOT_REGISTERED": contract.registration_status == "NOT_REGISTERED" or late,
            "REGISTRATION_VOID": contract.registration_status in ("CANCELLED", "REVOKED"),
            "CERTIFICATE_UNVERIFIED": external and not contract.certificate_verified,
            "CONTRACT_CLASS": not _class_allowed(contract, rules.value("contract_classes")[facts.arm]),
            "AMOUNT_OPEN": contract.amount_open,
            "RELATED_PARTY": _is_related(contract, rules),
            "OTHER_LEVEL_SUBSIDY": rejects_double and contract.other_level_amount > 0,
            "NOT_APPROVED_BEFORE": contract.application == "CONTINUING" and not history.approved_before,
            "REGISTERED_AMOUNT_USED_UP": work.left == 0,
            "NO_VALID_PAYMENT": work.verified_base == 0,
            "BELOW_MIN_BASE": below_minimum,
            "BELOW_ROUNDING_UNIT": work.period_base > 0 and not below_minimum and work.rounded == 0,
        }
    )


def _is_banned(enterprise: Enterprise, applied_on: date | None, rules: RuleSet) -> bool:
    default = rules.value("ban_years")
    return any(is_banned(applied_on, ban.decision_date, ban.years or default) for ban in enterprise.bans)


def _is_outside(enterprise: Enterprise, test: str) -> bool:
    registration = test in ("BOTH", "REGISTRATION") and not enterprise.registered_in_region
    tax = test in ("BOTH", "TAX") and not enterprise.taxed_in_region
    return registration or tax


def _class_allowed(contract: Contract, allowed: list[str]) -> bool:
    return contract.contract_class in allowed or (
        f"{contract.contract_class}.{contract.contract_subtype}" in allowed
    )


def _is_related(contract: Contract, rules: RuleSet) -> bool:
    relation = contract.relation
    flagged = relation.declared or relation.parent_subsidiary or relation.same_legal_representative
    controlled = relation.common_control_bp >= rules.value("related_share_bp")
    return rules.value("related_party") == "EXCLUDE" and (flagged or controlled)


def _set_award(work: ContractWork, history: _History, placed: int, rules: RuleSet) -> None:
    work.life_used, work.year_used = history.award, history.enterprise_year + placed
    work.life_room = _room(rules.value("contract_life_cap_fen"), work.life_used)
    work.year_room = _room(rules.value("enterprise_year_cap_fen"), work.year_used)
    work.after_life = _cut(work.raw, work.life_room)
    work.after_year = _cut(work.after_life, work.year_room)
    if rules.value("duplicate_level") == "DEDUCT":
        work.other_level = work.contract.other_level_amount
    work.award = max(0, work.after_year - work.other_level)
    if work.reasons:
        return
    cuts = {
        "REGISTERED_AMOUNT": work.verified_base > (work.left or 0) > 0,
        "CONTRACT_LIFE_CAP": work.after_life < work.raw,
        "ENTERPRISE_YEAR_CAP": work.after_year < work.after_life,
        "OTHER_LEVEL_DEDUCTED": work.award < work.after_year,
    }
    work.limits.extend(applying(cuts))


def _room(cap: int | str, used: int) -> int | None:
    return None if cap == OFF else max(0, cap - used)


def _cut(amount: int, room: int | None) -> int:
    return amount if room is None else min(amount, room)


# --- step 7: budget -----------------------------------------------------------------------------------------


def _share_budget(contracts: tuple[ContractWork, ...], budget: int | None) -> None:
    awards = [work.award for work in contracts]
    granted = awards
    if budget is not None and sum(awards) > budget:
        granted = largest_remainder(budget, awards, [work.contract.application_no for work in contracts])
    for work, amount in zip(contracts, granted, strict=True):
        work.granted = amount
        if amount < work.award:
            work.limits.append("BUDGET")
