"""What kinds, facets, their values and orders are called."""

from flask_babel import lazy_gettext as _l

from marketplace import codes
from marketplace.web import code_names
from search.facets import Facet
from search.query import Sort

KIND_NAMES = {"achievement": _l("成果"), "demand": _l("需求")}
MATURITY_NAMES = {"8-9": _l("8–9 级 可以量产"), "5-7": _l("5–7 级 中试"), "1-4": _l("1–4 级 实验室")}
PRICE_NAMES = {
    "0-30": _l("30 万元以下"),
    "30-100": _l("30–100 万元"),
    "100-500": _l("100–500 万元"),
    "500-": _l("500 万元以上"),
}
SORT_NAMES = {
    Sort.RELEVANCE: _l("综合"),
    Sort.NEWEST: _l("最新发布"),
    Sort.CONFIRMED: _l("最近确认"),
    Sort.PRICE: _l("价格从低到高"),
    Sort.MATURITY: _l("成熟度从高到低"),
}
PUBLISHED_NAMES = {"30": _l("30 天内发布"), "90": _l("90 天内发布"), "365": _l("一年内发布")}
FRESH_NAMES = {"30": _l("30 天内确认"), "90": _l("90 天内确认"), "180": _l("180 天内确认")}

#: Facet → parameter of the address, its heading, and how its values are called.
FACETS = {
    Facet.KIND: ("kind", _l("类别"), lambda v: str(KIND_NAMES.get(v, v))),
    Facet.FIELD: ("field", _l("技术领域"), lambda v: code_names.name(codes.technology_fields(), v)),
    Facet.INDUSTRY: ("industry", _l("应用行业"), lambda v: code_names.name(codes.industries(), v)),
    Facet.MATURITY: ("maturity", _l("成熟度"), lambda v: str(MATURITY_NAMES.get(v, v))),
    Facet.MODE: ("mode", _l("合作方式"), lambda v: code_names.name(codes.cooperation_modes(), v)),
    Facet.PRICE: ("price", _l("价格"), lambda v: str(PRICE_NAMES.get(v, v))),
    Facet.REGION: ("region", _l("地区"), lambda v: code_names.name(codes.regions(), v)),
    Facet.PUBLISHED: ("published", _l("发布时间"), lambda v: str(PUBLISHED_NAMES.get(v, v))),
    Facet.FRESHNESS: ("fresh", _l("最近确认"), lambda v: str(FRESH_NAMES.get(v, v))),
}
#: What can be loosened, with its name: the facets, and the values written into the text.
LOOSENED = {facet: heading for facet, (_parameter, heading, _name) in FACETS.items()} | {
    Facet.MEASURE: _l("指标")
}
#: Parameter of the address → what it is called when one of its values is not known.
PARAMETER_NAMES = {parameter: heading for parameter, heading, _name in FACETS.values()} | {
    "measure": _l("指标"),
    "sort": _l("排序"),
    "page": _l("页码"),
}
