"""Matches in sentences: the card, its bars, the comparison of indicators and what would change the score."""

from collections.abc import Sequence, Set
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from flask import url_for
from flask_babel import gettext

from marketplace import codes
from marketplace.listings import freshness
from marketplace.listings.content import DemandContent, Kind
from marketplace.listings.models import Listing
from marketplace.listings.presenters import grey_days, indicator_texts, mode_names, named_modes
from marketplace.matching.labels import BAND_NAMES, FACTOR_NAMES
from marketplace.matching.models import MatchDecision
from marketplace.matching.reasons import DECLINE_REASONS
from marketplace.matching.services.outlook import Outlook
from marketplace.matching.services.pairs import Pair
from marketplace.matching.subjects import hides_budget, withholds_indicators
from marketplace.web import code_names, locale
from marketplace.web.jinja import amount_text, trl_name
from search.indicators import Comparator, DemandIndicator, IndicatorResult, Outcome
from search.match_result import Change, Conflict, ConflictKind, Counterfactual, Factor, Match, Part
from search.survey import SHOWN_BANDS

_SHOWN_WORDS = 5
_SHOWN_INDICATORS = 3
#: So many stand at the top of the list however alike they are, so that there is something to look at.
_LEAST_SHOWN = 3


def own_facts(own: Listing) -> list[str]:
    """What one's own listing asks for or offers, in short: why the list below is as it is."""
    if own.accepted_revision is None:
        return [own.number]
    content = own.accepted_revision.typed_content()
    demand = isinstance(content, DemandContent)
    level, ends = (
        content.wanted_trl if demand else content.trl,
        (content.price_min_fen, content.price_max_fen),
    )
    known = [fen for fen in ends if fen is not None]
    facts = [
        own.number,
        code_names.listed(indicator_texts(content)[:_SHOWN_INDICATORS]),
        level and (gettext("成熟度至少 %(level)s 级", level=level) if demand else trl_name(level)),
        known and f"{gettext('预算') if demand else gettext('报价')} {amount_text(known[0], known[-1])}",
        content.modes and gettext("接受：%(modes)s", modes=mode_names(content)),
    ]
    return [fact for fact in facts if fact]


def nearer(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """The pairs that are fairly alike or already decided on, and the rest, which is folded away."""
    near = [
        pair
        for place, pair in enumerate(pairs)
        if place < _LEAST_SHOWN or pair.decision or pair.match.band in SHOWN_BANDS
    ]
    return near, [pair for pair in pairs if pair not in near]


def place_of(pair: Pair | None, listed: Sequence[Pair]) -> int | None:
    """Where a pair stands in the list, from 1; None for one that was declined."""
    return next((place for place, each in enumerate(listed, 1) if each is pair), None)


def list_row(pair: Pair, own: Listing, active: bool, today: date) -> dict[str, Any]:
    """One match in the list."""
    other = _other(pair, own)
    return {
        "url": url_for("matching.card", number=own.number, other=other.number),
        "score": pair.match.headline,
        "title": other.accepted_revision.title,
        "organisation": _name(other),
        "badges": _badges(pair, own),
        "stale_days": grey_days(other, today),
        "active": active,
    }


def card(pair: Pair, own: Listing, today: date) -> SimpleNamespace:
    """The explanation card of one match."""
    other, match = _other(pair, own), pair.match
    secret = _indicators_secret(pair, own)
    unknown = {part.factor for part in match.parts if part.value is None}
    withheld = _withheld(pair, own)
    return SimpleNamespace(
        score=match.headline,
        band=gettext("相近程度：%(band)s", band=gettext(BAND_NAMES[match.band])),
        title=other.accepted_revision.title,
        number=other.number,
        organisation=_name(other),
        url=url_for("listings.detail", number=other.number),
        stale_days=grey_days(other, today),
        algorithm=match.algorithm_version,
        factors=[_factor(part, match, today) for part in match.parts if part.maximum],
        unknown=_names(unknown - withheld),
        withheld=_names(unknown & withheld),
        words=[
            {
                "text": w.word if not w.by_character else f"{w.word} ≈ {w.counterpart or ''}".strip(" ≈"),
                "share": w.share,
            }
            for w in match.words[:_SHOWN_WORDS]
        ],
        conflicts=[_conflict(c, own) for c in match.conflicts],
        comparison=[_comparison(result, secret) for result in match.indicators],
        changes=[_change(c) for c in match.counterfactuals if not (secret and c.change is Change.INDICATOR)],
        decision=_decision(pair.decision, own),
        earlier=_decision(pair.earlier, own),
        reasons=[(code, gettext(text)) for code, text in DECLINE_REASONS.items()],
    )


def outlook(found: Outlook) -> SimpleNamespace:
    """What the owner can do: changes with the matches they bring, declines by reason, what others ask."""
    changes = found.changes
    return SimpleNamespace(
        now=changes.now if changes else None,
        changes=[
            {
                "change": _CHANGES[one.change](one.facts),
                "result": gettext("匹配数 +%(count)s", count=one.more),
            }
            for one in (changes.changes if changes else ())
        ],
        declined=[
            {"label": gettext(DECLINE_REASONS[code]), "count": count}
            for code, count in found.declined.items()
        ],
        prices=_price_band(found),
    )


def _price_band(found: Outlook) -> str | None:
    band = found.prices
    if band is None:
        return None
    return gettext(
        "已有 %(refusals)s 次因价格谢绝。同领域内容最相近的 %(listings)s 项成果（%(houses)s 家单位）"
        "标价，中间一半在 %(band)s。",
        refusals=found.declined["price"],
        listings=band.listings,
        houses=band.houses,
        band=amount_text(band.low_fen, band.high_fen),
    )


def _other(pair: Pair, own: Listing) -> Listing:
    return pair.achievement if own.kind == Kind.DEMAND else pair.demand


def _name(listing: Listing) -> str:
    return gettext("未公开单位名称") if listing.hide_owner else listing.organisation.name


def _withheld(pair: Pair, own: Listing) -> set[Factor]:
    """The parts that do not count before this reader because the other side keeps their figures to itself."""
    if own.kind == Kind.DEMAND:
        return {Factor.INDICATORS} if _indicators_secret(pair, own) else set()
    return {Factor.PRICE} if hides_budget(pair.demand.accepted_revision.typed_content()) else set()


def _names(factors: Set[Factor]) -> list[str]:
    return [gettext(FACTOR_NAMES[factor]) for factor in Factor if factor in factors]


def _indicators_secret(pair: Pair, own: Listing) -> bool:
    """Details that wait for an agreement are compared, but their figures are not shown to the other side."""
    if own.kind != Kind.DEMAND:
        return False
    return withholds_indicators(pair.achievement.accepted_revision.typed_content())


def _badges(pair: Pair, own: Listing) -> list[dict[str, str]]:
    match = pair.match
    badges = []
    if pair.decision is not None:
        label = gettext("已接受") if pair.decision.decision == "accepted" else gettext("已标为不合适")
        badges.append({"label": label, "verdict": "met" if pair.decision.decision == "accepted" else "plain"})
    met = sum(1 for r in match.indicators if r.outcome is Outcome.MET)
    if match.indicators and met == len(match.indicators):
        badges.append({"label": gettext("%(met)s/%(all)s 指标达到", met=met, all=met), "verdict": "met"})
    for result in match.indicators:
        if result.outcome is Outcome.SHORT:
            gap = _gap(result, _indicators_secret(pair, own))
            label = (" " if locale.english() else "").join((result.demanded.name, gap))
            badges.append({"label": label, "verdict": "short"})
    badges += [{"label": _conflict(c, own), "verdict": "conflict"} for c in match.conflicts]
    return badges[:4]


def _factor(part: Part, match: Match, today: date) -> SimpleNamespace:
    fresh = part.factor is Factor.FRESHNESS
    note = _freshness_note(part.facts, today) if fresh else _NOTES[part.factor](part.facts, match)
    return SimpleNamespace(
        name=gettext(FACTOR_NAMES[part.factor]), points=part.points, weight=part.maximum, note=note
    )


def _text_note(_facts: dict, match: Match) -> str:
    exact = [w.word for w in match.words if not w.by_character][:_SHOWN_WORDS]
    alike = [f"{w.word} ≈ {w.counterpart}" for w in match.words if w.by_character and w.counterpart][:3]
    parts = []
    if exact:
        parts.append(gettext("两边都有：%(words)s", words=code_names.listed(exact)))
    if alike:
        parts.append(gettext("字面相近：%(words)s", words=code_names.listed(alike)))
    return "；".join(parts) or gettext("用词不同，按单字相近计算")


def _indicator_note(facts: dict, match: Match) -> str:
    known = [text(facts[name]) for name, text in _OUTCOMES.items() if facts.get(name)]
    return gettext(
        "%(all)s 项指标：%(outcomes)s", all=len(match.indicators), outcomes=gettext("，").join(known)
    )


_OUTCOMES = {
    "met": lambda n: gettext("%(count)s 项达到", count=n),
    "short": lambda n: gettext("%(count)s 项不足", count=n),
    "conflict": lambda n: gettext("%(count)s 项冲突", count=n),
    "unknown": lambda n: gettext("%(count)s 项未提供", count=n),
}


def _field_note(facts: dict, _match: Match) -> str:
    fields = [code_names.name(codes.technology_fields(), c) for c in facts.get("shared_fields", ())]
    industries = [code_names.name(codes.industries(), c) for c in facts.get("shared_industries", ())]
    shared = code_names.listed(dict.fromkeys([*fields, *industries[-1:]]))
    return gettext("同为“%(shared)s”", shared=shared) if shared else gettext("领域和行业都不同")


def _maturity_note(facts: dict, _match: Match) -> str:
    return gettext("%(offered)s 级，要求 ≥ %(wanted)s 级", offered=facts["offered"], wanted=facts["wanted"])


def _price_note(facts: dict, _match: Match) -> str:
    if facts.get("over_fen"):
        return gettext(
            "报价 %(asked)s起，高于预算上限 %(limit)s",
            asked=amount_text(facts["asked_min_fen"]),
            limit=amount_text(facts["budget_max_fen"]),
        )
    return gettext("预算上限 %(limit)s，报价在内或有交集", limit=amount_text(facts["budget_max_fen"]))


def _mode_note(facts: dict, _match: Match) -> str:
    shared = named_modes(facts.get("shared", ()))
    return gettext("都接受：%(modes)s", modes=shared) if shared else gettext("没有共同接受的合作方式")


def _region_note(facts: dict, _match: Match) -> str:
    offered, wanted = (code_names.place(facts[side], levels=2) for side in ("offered", "wanted"))
    if offered == wanted:
        return gettext("同在%(place)s", place=wanted)
    return gettext("成果在%(offered)s，需求在%(wanted)s", offered=offered, wanted=wanted)


def _freshness_note(facts: dict, today: date) -> str:
    """The days as they are today; the points are those of the day on which the match was calculated."""
    confirmed_on = date.fromisoformat(facts["confirmed_on"])
    days = freshness.age(confirmed_on, today)
    if freshness.needs_confirmation(confirmed_on, today):
        return gettext("较早的一方 %(days)s 天没有确认，已是“待确认”，所以扣分", days=days)
    return gettext("较早的一方 %(days)s 天前确认过", days=days)


_NOTES = {
    Factor.TEXT: _text_note,
    Factor.INDICATORS: _indicator_note,
    Factor.FIELD: _field_note,
    Factor.MATURITY: _maturity_note,
    Factor.PRICE: _price_note,
    Factor.MODE: _mode_note,
    Factor.REGION: _region_note,
}


def _conflict(conflict: Conflict, own: Listing) -> str:
    facts = conflict.facts
    if conflict.kind is ConflictKind.NO_COMMON_MODE:
        theirs = "offered" if own.kind == Kind.DEMAND else "wanted"
        return gettext("只接受%(modes)s", modes=named_modes(facts[theirs]))
    if conflict.kind is ConflictKind.OVER_BUDGET:
        return gettext("超预算 %(over)s", over=amount_text(facts["over_fen"]))
    if conflict.kind is ConflictKind.IMMATURE:
        return gettext("成熟度 %(offered)s 级，低于要求", offered=facts["offered"])
    return gettext("%(name)s 与要求冲突", name=facts["name"])


def _comparison(result: IndicatorResult, secret: bool) -> dict[str, Any]:
    demanded, offered = result.demanded, result.offered
    return {
        "name": demanded.name,
        "must": demanded.necessity.value == "must",
        "wanted": _wanted(demanded),
        "offered": _interval(result.offered_low, result.offered_high, demanded.unit)
        if offered and not secret
        else None,
        "original": gettext("原文 %(value)s", value=_interval(offered.low, offered.high, offered.unit))
        if offered is not None and result.converted and not secret
        else None,
        "verdict": result.outcome.value,
        "result": _gap(result, secret),
    }


def _gap(result: IndicatorResult, secret: bool = False) -> str:
    unit = result.demanded.unit
    if result.outcome is Outcome.UNKNOWN:
        return gettext("未提供，可追问")
    if result.outcome is Outcome.CONFLICT:
        return gettext("冲突")
    if secret:
        return gettext("不足") if result.outcome is Outcome.SHORT else gettext("达到")
    amount = f"{_plain(result.difference)} {unit}".strip()
    if result.outcome is Outcome.SHORT:
        return gettext("差 %(amount)s", amount=amount)
    return gettext("达到，余 %(amount)s", amount=amount) if result.difference else gettext("达到")


def _wanted(row: DemandIndicator) -> str:
    if row.comparator is Comparator.RANGE:
        return f"{_plain(row.low)}–{_plain(row.high)} {row.unit}".strip()
    return f"{row.comparator.value} {_plain(row.value)} {row.unit}".strip()


def _interval(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low is not None and high is not None:
        value = _plain(low) if low == high else f"{_plain(low)}–{_plain(high)}"
    else:
        value = f"≥ {_plain(low)}" if low is not None else f"≤ {_plain(high)}"
    return f"{value} {unit}".strip()


def _plain(number: Decimal | None) -> str:
    if number is None:
        return ""
    text = f"{number.normalize():f}"
    return text.replace("-", "−")


def _change(change: Counterfactual) -> dict[str, str]:
    return {
        "change": _CHANGES[change.change](change.facts),
        "result": gettext("本项 %(before)s → %(after)s 分", before=change.score_from, after=change.score_to),
    }


_CHANGES = {
    Change.MODE: lambda f: gettext("也接受“%(mode)s”", mode=named_modes([f["mode"]])),
    Change.BUDGET: lambda f: gettext(
        "预算上限由 %(before)s提到 %(after)s",
        before=amount_text(f["from_fen"]),
        after=amount_text(f["to_fen"]),
    ),
    Change.PRICE: lambda f: gettext(
        "报价由 %(before)s降到 %(after)s", before=amount_text(f["from_fen"]), after=amount_text(f["to_fen"])
    ),
    Change.REGION: lambda f: gettext("不限地区"),
    Change.MATURITY: lambda f: gettext(
        "成熟度要求由 %(before)s 级放宽到 %(after)s 级", before=f["from"], after=f["to"]
    ),
    Change.INDICATOR: lambda f: gettext(
        "%(name)s要求由 %(before)s 放宽到 %(after)s %(unit)s",
        name=f["name"],
        before=f["from"],
        after=f["to"],
        unit=f["unit"],
    ),
}


def _decision(decision: MatchDecision | None, own: Listing) -> SimpleNamespace | None:
    if decision is None:
        return None
    return SimpleNamespace(
        accepted=decision.decision == "accepted",
        by_us=decision.side == str(own.kind),
        reason=gettext(DECLINE_REASONS[decision.reason_code]) if decision.reason_code else None,
        note=decision.note,
        on=decision.decided_at,
    )
