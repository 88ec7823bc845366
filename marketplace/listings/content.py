"""What a listing says: typed content of an achievement or a demand (domain.md 6.3, 6.4).

Drafts may be empty everywhere; completeness is the guard of `submit` (completeness.py). The content is
kept as one document per revision, so that a revision is a snapshot that never changes afterwards.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Self, get_args, get_origin, get_type_hints

#: A number, a range, or a number with a comparison, as written in test reports.
INDICATOR_NUMBER = re.compile(
    r"[≥≤><＝=≈±~～]?\s*[-−+]?\d+(?:\.\d+)?(?:\s*[~～\-–至±]\s*[-−+]?\d+(?:\.\d+)?)?"
)
#: 批准登记号: three digits, year, a letter, four digits (domain.md 6.2).
REGISTRATION_NO = re.compile(r"\d{7}[A-Z]\d{4}")


class Kind(StrEnum):
    """The two kinds of listing."""

    ACHIEVEMENT = "achievement"
    DEMAND = "demand"


class PriceKind(StrEnum):
    """How a price or budget is stated."""

    FIXED = "fixed"
    BAND = "band"
    NEGOTIABLE = "negotiable"  # 面议: in the forms only together with a band


class PricingMode(StrEnum):
    """How the price will be found (促进科技成果转化法 art. 18)."""

    NEGOTIATED = "negotiated"
    LISTED = "listed"
    AUCTION = "auction"


class Comparator(StrEnum):
    """How an indicator is compared."""

    AT_LEAST = "≥"
    AT_MOST = "≤"
    EQUAL = "="
    MORE = ">"
    LESS = "<"
    BETWEEN = "~"


@dataclass(frozen=True)
class AchievementIndicator:
    """名称 | 数值 | 单位 | 测试条件 | 证据. Numbers are kept as typed, e.g. "62" or "≤0.8"."""

    name: str = ""
    value: str = ""
    unit: str = ""
    condition: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class DemandIndicator:
    """名称 | 现状 | 比较符 | 目标 | 单位 | 必须/期望. A range target is typed "60~65"."""

    name: str = ""
    current: str = ""
    comparator: str = Comparator.AT_LEAST
    target: str = ""
    unit: str = ""
    must: bool = True


@dataclass(frozen=True)
class IpRight:
    """One right: kind (ip_types.csv), number with check digit where the kind has one, status, owner, last day."""

    kind: str = ""
    number: str = ""
    name: str = ""
    status: str = ""  # granted, pending, expired
    owner: str = ""
    valid_to: date | None = None


@dataclass(frozen=True)
class Contributor:
    """完成人, in order of rank."""

    name: str = ""
    title: str = ""
    contribution: str = ""


class _Document:
    """Reading from and writing to the JSON document of a revision."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Content from a stored document; keys it does not know are left out, missing ones are empty."""
        return _reader(cls)(data)

    def to_json(self) -> dict[str, Any]:
        """The document to store."""
        return {name: _encode(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class AchievementContent(_Document):
    """成果. Money in fen, codes from seed_data/codes."""

    title: str = ""
    use: str = ""
    problem: str = ""
    principle: str = ""
    keywords: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    field_codes: tuple[str, ...] = ()
    industry_codes: tuple[str, ...] = ()
    indicators: tuple[AchievementIndicator, ...] = ()
    trl: int | None = None
    stage_label: str = ""
    trl_note: str = ""
    ip_rights: tuple[IpRight, ...] = ()
    ownership: str = ""  # unit, shared, granted (赋权)
    ownership_note: str = ""
    contributors: tuple[Contributor, ...] = ()
    registration_no: str = ""
    government_project: str = ""
    modes: tuple[str, ...] = ()
    pricing_mode: str = ""
    price_kind: str = ""
    price_min_fen: int | None = None
    price_max_fen: int | None = None
    region_code: str = ""
    confidentiality: str = "public"
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    attachment_ids: tuple[int, ...] = ()
    source_note: str = ""

    @property
    def text(self) -> str:
        """The running text, for search and matching."""
        return "\n".join(filter(None, (self.use, self.problem, self.principle, " ".join(self.scenarios))))

    @property
    def open_text(self) -> str:
        """The running text that everybody who sees the listing may read."""
        return self.text if self.confidentiality == "public" else self.use


@dataclass(frozen=True)
class DemandContent(_Document):
    """需求. Money in fen, codes from seed_data/codes."""

    title: str = ""
    current_state: str = ""
    goal: str = ""
    limits: str = ""
    tried: str = ""
    keywords: tuple[str, ...] = ()
    field_codes: tuple[str, ...] = ()
    industry_codes: tuple[str, ...] = ()
    indicators: tuple[DemandIndicator, ...] = ()
    wanted_trl: int | None = None
    solve_by: date | None = None
    price_kind: str = ""
    price_min_fen: int | None = None
    price_max_fen: int | None = None
    budget_public: bool = True
    modes: tuple[str, ...] = ()
    is_challenge: bool = False  # 榜单
    region_code: str = ""
    limited: bool = False  # 定向公开: verified organisations only
    hide_owner: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    attachment_ids: tuple[int, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    source_note: str = ""

    @property
    def text(self) -> str:
        """The running text, for search and matching."""
        return "\n".join(filter(None, (self.goal, self.current_state, self.limits, self.tried)))

    @property
    def open_text(self) -> str:
        """The running text that everybody who sees the listing may read: all of it."""
        return self.text


Content = AchievementContent | DemandContent
CONTENT_TYPES = MappingProxyType({Kind.ACHIEVEMENT: AchievementContent, Kind.DEMAND: DemandContent})


def content_from_json(kind: Kind | str, data: dict[str, Any]) -> Content:
    """The typed content of a stored document."""
    return CONTENT_TYPES[Kind(kind)].from_json(data)


def _encode(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_encode(item) for item in value]
    if isinstance(value, dict):
        return {name: _encode(item) for name, item in value.items()}
    return value


@cache
def _reader(cls: type) -> Callable[[dict[str, Any]], Any]:
    """How a document of a class is read. Made once: types are looked at then, not for every row of a list."""
    hints = get_type_hints(cls)
    readers = {field.name: _decoder(hints[field.name]) for field in fields(cls)}

    def read(data: dict[str, Any]) -> Any:
        known = {}
        for name, value in data.items():
            decode = readers.get(name, _unknown)
            if decode is not _unknown:
                known[name] = value if decode is None or value is None else decode(value)
        return cls(**known)

    return read


def _decoder(hint: Any) -> Callable[[Any], Any] | None:
    """How one value is read; None where it is stored as it is."""
    if get_origin(hint) is tuple:
        item = _decoder(get_args(hint)[0])
        return tuple if item is None else lambda values: tuple(map(item, values))
    if is_dataclass(hint):
        return _reader(hint)
    return date.fromisoformat if date in get_args(hint) else None


def _unknown(value: Any) -> None:
    """Stands for keys of a document that this version does not know."""
