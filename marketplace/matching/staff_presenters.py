"""What became of the matches people were shown, as tables for the market's staff."""

from types import SimpleNamespace

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from marketplace.matching.labels import BAND_NAMES
from marketplace.matching.reasons import DECLINE_REASONS
from marketplace.matching.services.outcomes import LEAST_JUDGED_DEMANDS, Outcomes, Tally
from marketplace.web.jinja import percent
from search.calibration import Band
from search.metrics import Estimate, share_with_interval

PLACE_NAMES = {"1-3": _l("第 1–3 位"), "4-10": _l("第 4–10 位"), "11-": _l("第 11 位以后")}
FIGURE_NAMES = {
    "ndcg10": _l("排序质量 nDCG@10"),
    "map": _l("平均准确率 MAP"),
    "p5": _l("前五位准确率 P@5"),
}


def page(found: Outcomes) -> SimpleNamespace:
    """The tables of the page."""
    ranking = found.ranking
    return SimpleNamespace(
        by_band=[_row(tally, gettext(BAND_NAMES[Band(tally.group)])) for tally in found.by_band],
        by_place=[_row(tally, str(PLACE_NAMES[tally.group])) for tally in found.by_place],
        reasons=[
            {"label": gettext(DECLINE_REASONS[code]), "count": count} for code, count in found.reasons.items()
        ],
        judged_demands=ranking.judged_demands,
        least_judged=LEAST_JUDGED_DEMANDS,
        figures=[
            {"label": FIGURE_NAMES[name], "value": _figure(figure)}
            for name, figure in ranking.figures.items()
        ],
    )


def _row(tally: Tally, group: str) -> SimpleNamespace:
    return SimpleNamespace(
        algorithm=tally.algorithm,
        group=group,
        shown=tally.shown,
        accepted=_rate(tally.accepted, tally.shown),
        declined=_rate(tally.declined, tally.shown),
        open=tally.shown - tally.accepted - tally.declined,
    )


def _rate(count: int, shown: int) -> str:
    """A count with its share and the 95 % interval of the share."""
    share = share_with_interval(count, shown)
    return gettext(
        "%(count)s（%(share)s，区间 %(low)s–%(high)s）",
        count=count,
        share=percent(share.value, 0),
        low=percent(share.low, 0),
        high=percent(share.high, 0),
    )


def _figure(figure: Estimate) -> str:
    if figure.value is None:
        return gettext("判断还不够")
    return gettext(
        "%(value)s（95%% 区间 %(low)s–%(high)s）",
        value=f"{figure.value:.3f}",
        low=f"{figure.low:.3f}",
        high=f"{figure.high:.3f}",
    )
