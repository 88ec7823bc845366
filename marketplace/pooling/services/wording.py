"""The neutral name and summary of a cluster: made of words that every member uses, so that they give nobody away."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace import codes
from search.common_words import common_words
from search.match_result import MatchSubject

LONGEST_TITLE = 100
LONGEST_SUMMARY = 1000


@dataclass(frozen=True)
class Wording:
    """Title, summary and the shared words they are made of. Texts of the market, in Chinese."""

    title: str
    summary: str
    words: tuple[str, ...]


def wording(demands: Sequence[MatchSubject]) -> Wording:
    """What can be said of these demands without quoting one of them."""
    common = common_words(demands)
    about = "、".join(common.subject) or _shared_field(demands) or "同一技术问题"
    sentences = [f"多家企业提出了与“{about}”有关的相近难题。"]
    if common.details:
        sentences.append(f"各家的描述中都提到：{'、'.join(common.details)}。")
    title = f"{about}共性难题"[:LONGEST_TITLE]
    return Wording(title, "".join(sentences)[:LONGEST_SUMMARY], common.subject)


def _shared_field(demands: Sequence[MatchSubject]) -> str | None:
    """The narrowest technology field of all of them."""
    shared = set.intersection(*(set(demand.field_codes) for demand in demands))
    fields = codes.technology_fields()
    return fields.name(max(shared, key=lambda code: (len(fields.path(code)), code))) if shared else None
