"""What the parts of a score and the bands of likeness are called: message ids, so that both languages have them."""

from marketplace.errors import N_
from search.calibration import Band
from search.match_result import Factor

FACTOR_NAMES = {
    Factor.INDICATORS: N_("指标"),
    Factor.TEXT: N_("文本"),
    Factor.FIELD: N_("领域"),
    Factor.MATURITY: N_("成熟度"),
    Factor.PRICE: N_("价格"),
    Factor.MODE: N_("方式"),
    Factor.REGION: N_("地域"),
    Factor.FRESHNESS: N_("保鲜"),
}
BAND_NAMES = {Band.LOW: N_("低"), Band.SOME: N_("一定"), Band.FAIR: N_("较高"), Band.HIGH: N_("高")}
