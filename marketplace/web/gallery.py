"""Sample data of the component gallery: every macro once, with the longest name and the largest amount.

Only the development page and the tests of the look use it. All organisations and figures are invented (示例).
"""

from datetime import UTC, date, datetime

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FileField,
    Form,
    FormField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

#: Thirty characters, the longest name a page must bear.
LONG_NAME = "内蒙古自治区示例稀土功能材料与先进冶金装备联合研究院有限公司包头"
LARGE_FEN = 123_456_789_012

TODAY = date(2026, 11, 20)


class _DemandIndicator(Form):
    name = StringField("名称")
    current = StringField("现状")
    comparator = SelectField("比较", choices=[("ge", "≥"), ("le", "≤"), ("eq", "=")])
    target = StringField("目标")
    unit = StringField("单位")
    necessity = SelectField("程度", choices=[("must", "必须"), ("wish", "期望")])


class GalleryForm(FlaskForm):
    """One field of each kind."""

    title = StringField(
        "需求名称", description="说清对象和要解决的问题，20 字左右", validators=[InputRequired()]
    )
    indicators = FieldList(FormField(_DemandIndicator), "要达到的指标")
    tried = TextAreaField("试过什么办法", description="写清失败原因，可少走弯路。", validators=[Optional()])
    field = SelectField(
        "技术领域", choices=[("", "请选择"), ("materials", "新材料及其应用"), ("energy", "新能源与高效节能")]
    )
    visibility = RadioField(
        "谁能看到", choices=[("public", "公开"), ("members", "登录用户"), ("named", "指定单位")]
    )
    modes = SelectMultipleField(
        "接受的合作方式",
        choices=[("license", "许可"), ("transfer", "转让"), ("joint", "合作开发")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[Optional()],
    )
    deadline = DateField("希望在哪天前解决", description="格式 2027-06-30，最长一年")
    budget = StringField("预计投入上限", description="不公开时只用于匹配")
    code = StringField("统一社会信用代码")
    evidence = FileField("检测报告", validators=[Optional()])
    secret = PasswordField("密码")
    agreed = BooleanField("我已核对以上内容与原件一致")


def form() -> GalleryForm:
    """The form, partly filled, with the mistakes people make."""
    filled = GalleryForm(
        formdata=None,
        data={
            "title": "高炉风口套表面耐磨涂层",
            "indicators": [
                {"name": "硬度", "current": "52", "comparator": "ge", "target": "60", "unit": "HRC"},
                {"name": "工作温度", "current": "750", "comparator": "ge", "target": "越高越好", "unit": "℃"},
            ],
            "tried": "等离子喷涂 NiCrAlY，约 3 个月后端部剥落；堆焊高铬铸铁，热裂。",
            "visibility": "public",
            "deadline": date(2026, 6, 30),
            "budget": "50",
            "code": "91350100M000100Y4Z",
        },
    )
    filled.deadline.errors = ["不能早于今天 2026-11-20"]
    filled.code.errors = ["第 18 位不能是 Z，请对照营业执照核对"]
    filled.visibility.errors = ["请选择一项"]
    filled.indicators.entries[1].form.target.errors = ["要填数字，例如 900"]
    return filled


LISTINGS = [
    {
        "url": "#listing-1",
        "title": [
            ("高炉风口用 Ni-Cr-B 系", False),
            ("耐高温", True),
            ("耐磨", False),
            ("涂层", True),
            ("及等离子堆焊工艺", False),
        ],
        "number": "A2026-00417",
        "organisation": "北岭材料研究院（示例）",
        "place": "包头",
        "field": "新材料及其应用",
        "excerpt": [
            ("……在 950 ℃ 氧化气氛下服役 2,000 小时，", False),
            ("涂层", True),
            ("无剥落，常温", False),
            ("硬度", True),
            ("达 62 HRC……", False),
        ],
        "indicators": [
            {"label": "硬度 62 HRC，达到", "verdict": "met"},
            {"label": "工作温度 950 ℃"},
            {"label": "结合强度 68 MPa"},
        ],
        "trl": 7,
        "modes": "许可（普通）、先用后转",
        "price_low_fen": 45_000_000,
        "price_high_fen": 60_000_000,
        "price_band": "在可比区间内（n=11）",
        "reply": "回复率 92 %，中位 1.8 天",
        "confirmed_on": date(2026, 11, 12),
    },
    {
        "url": "#listing-2",
        "title": "超音速火焰喷涂 WC-Co 高温防护涂层",
        "number": "A2026-00388",
        "organisation": LONG_NAME,
        "place": "呼和浩特",
        "field": "新材料及其应用",
        "indicators": [
            {"label": "硬度 58 HRC，差 2 HRC", "verdict": "short"},
            {"label": "结合强度未提供", "verdict": "unknown"},
        ],
        "trl": 6,
        "modes": "转让、许可（独占）",
        "price_low_fen": LARGE_FEN,
        "reply": "回复率 78 %，中位 3.2 天",
        "stale_days": 96,
    },
    {
        "url": "#listing-3",
        "title": "自愈合抗高温氧化陶瓷涂层浆料",
        "number": "A2026-00352",
        "organisation": "云川稀土新材料（示例）",
        "place": "包头",
        "indicators": [{"label": "只接受合作开发", "verdict": "conflict"}],
        "trl": 5,
        "modes": "合作开发",
        "price_band": "可比区间 60–110 万元（n=8）",
        "confirmed_on": date(2026, 9, 30),
    },
]

FACTORS = [
    {"name": "指标", "points": 19, "weight": 30, "note": "3 项必须指标：1 项达到，1 项差 2 HRC，1 项未提供"},
    {
        "name": "文本",
        "points": 22,
        "weight": 25,
        "note": "两边都有：涂层、风口、耐磨、热喷涂；近义：高温防护 ≈ 耐高温",
    },
    {"name": "领域", "points": 15, "weight": 15, "note": "同为“新材料及其应用 / 金属材料”"},
    {"name": "成熟度", "points": 8, "weight": 10, "note": "6 级，要求 ≥ 5 级；已过中试"},
    {"name": "价格", "points": 2, "weight": 10, "note": "报价 120 万元，高于预算上限 50 万元"},
    {"name": "方式与地域", "points": 8, "weight": 10, "note": "转让、许可均接受；呼和浩特—包头"},
]

COMPARISON = [
    {
        "name": "硬度",
        "must": True,
        "wanted": "≥ 60 HRC",
        "offered": "58 HRC",
        "original": "原文 680 HV，按 GB/T 1172 换算",
        "verdict": "short",
        "result": "差 2 HRC",
    },
    {
        "name": "工作温度",
        "must": True,
        "wanted": "≥ 900 ℃",
        "offered": "920 ℃",
        "verdict": "met",
        "result": "达到，余 20 ℃",
    },
    {
        "name": "结合强度",
        "must": False,
        "wanted": "≥ 60 MPa",
        "offered": None,
        "verdict": "unknown",
        "result": "未提供，可追问",
    },
]

COUNTERFACTUALS = [
    {"change": "硬度要求由 60 放宽到 58 HRC", "result": "本项 74 → 85 分"},
    {"change": "预算上限由 50 提到 120 万元，或只取得普通许可", "result": "本项 74 → 82 分"},
    {"change": "也接受“合作开发”", "result": "匹配数 9 → 12"},
]

MATCHES = [
    {
        "url": "#match-1",
        "score": 91,
        "title": "Ni-Cr-B 系耐高温耐磨涂层及等离子堆焊工艺",
        "organisation": "北岭材料研究院（示例）",
        "badges": [{"label": "3/3 指标达到", "verdict": "met"}],
    },
    {
        "url": "#match-2",
        "score": 74,
        "title": "超音速火焰喷涂 WC-Co 高温防护涂层",
        "organisation": LONG_NAME,
        "badges": [{"label": "差 2 HRC", "verdict": "short"}],
        "active": True,
    },
]

TRACE = [
    {
        "name": "有效支付",
        "arithmetic": "1,800,000.00 + 700,000.00",
        "result_fen": 250_000_000,
        "clause": "凭证 2 张，见下表",
        "clause_url": "#vouchers",
    },
    {
        "name": "不超过已登记技术交易额余额",
        "arithmetic": "min(2,500,000.00，8,000,000.00 − 0.00)",
        "result_fen": 250_000_000,
        "clause": "2.6 技术交易额",
    },
    {
        "name": "补助比例",
        "arithmetic": "2,500,000.00 × 10.00 %",
        "result_fen": 25_000_000,
        "clause": "三（三）最高 10 %",
    },
    {
        "name": "企业年度上限",
        "arithmetic": "min(250,000.00，2,000,000.00 − 1,830,000.00)",
        "result_fen": 17_000_000,
        "clause": "三（三）最高 200 万元",
        "binding": True,
    },
]

WHY_NOT = [
    {
        "reason": "cap",
        "name": "本项少 80,000.00 元",
        "text": "企业年度上限 2,000,000.00，已排入 1,830,000.00。",
        "link_label": "看排入顺序",
        "link_url": "#order",
    },
    {
        "reason": "failed",
        "name": "科技创新券",
        "text": "要求“与服务机构无投资关系”，您填的是“持股 12 %”。",
        "link_label": "条款",
        "link_url": "#clause",
    },
    {
        "reason": "not_asked",
        "name": "研发费用加计扣除",
        "text": "缺 2 项事实：研发立项文件、辅助账。未询问不等于不符合。",
        "link_label": "补答 2 题",
        "link_url": "#questions",
    },
]

QUEUE = [
    {
        "number": "S2026-03518",
        "url": "#q1",
        "title": "矿用卡车无人驾驶感知系统开发",
        "seller": "云川智能（示例）",
        "buyer": LONG_NAME,
        "category": "委托开发",
        "total_fen": 860_000_000,
        "technical_fen": 512_400_000,
        "checks": {"review": 2, "hints": 2},
        "status_label": "待二次审核",
        "status_family": "review",
        "deadline": {"days_left": -1, "elapsed": 1},
    },
    {
        "number": "S2026-03544",
        "url": "#q2",
        "title": "褐煤提质废水零排放工艺许可",
        "seller": "河套工业大学（示例）",
        "buyer": "云川煤化（示例）",
        "category": "专利许可",
        "total_fen": LARGE_FEN,
        "technical_fen": LARGE_FEN,
        "checks": {"blocked": 1, "hints": 3},
        "status_label": "审核中",
        "status_family": "progress",
        "deadline": {"days_left": 0, "elapsed": 0.98},
    },
    {
        "number": "S2026-03561",
        "url": "#q3",
        "title": "高炉风口耐磨涂层普通许可",
        "seller": "北岭材料研究院（示例）",
        "buyer": "青原重工（示例）",
        "category": "技术秘密许可",
        "total_fen": 55_000_000,
        "technical_fen": 52_000_000,
        "checks": {"passed": 29},
        "status_label": "已受理",
        "status_family": "progress",
        "deadline": {"days_left": 3, "elapsed": 0.9},
        "active": True,
    },
    {
        "number": "S2026-03575",
        "url": "#q4",
        "title": "稀土抛光液配方转让",
        "seller": "北岭材料研究院（示例）",
        "buyer": "云川稀土（示例）",
        "category": "技术秘密转让",
        "total_fen": 150_000_000,
        "technical_fen": 150_000_000,
        "checks": {"hints": 1},
        "status_label": "待补正",
        "status_family": "waiting",
        "deadline": {"days_left": 12, "elapsed": 0.4, "stopped_days": 4},
    },
]

ACTIONS = [
    {
        "title": "逾期",
        "tone": "over",
        "actions": [
            {
                "icon": "reply",
                "title": "回复青原重工（示例）的意向",
                "note": "Ni-Cr-B 涂层许可；对方 11-12 发出，承诺 5 个工作日",
                "deadline": {"days_left": -1, "elapsed": 1, "label": "逾期 1 天"},
                "button_label": "去回复",
                "button_url": "#a1",
                "primary": True,
            }
        ],
    },
    {
        "title": "今天",
        "actions": [
            {
                "icon": "file-earmark-check",
                "title": "补正材料：稀土抛光液配方转让",
                "note": "登记员要求：补受托签字授权 1 份",
                "deadline": {"days_left": 0, "elapsed": 0.96, "label": "今天止"},
                "button_label": "去补正",
                "button_url": "#a2",
            }
        ],
    },
    {
        "title": "未来 7 天",
        "actions": [
            {
                "icon": "cash-coin",
                "title": "提醒客户申报补贴",
                "note": f"{LONG_NAME}预计可享 1,234,567,890.12 元，还缺 2 份材料",
                "deadline": {"days_left": 4, "elapsed": 0.6},
                "button_label": "发提醒",
                "button_url": "#a3",
            }
        ],
    },
]

EVENTS = [
    {
        "on": datetime(2026, 11, 19, 2, tzinfo=UTC),
        "act": "已答复，补充公开可比区间",
        "url": "#answer",
        "link_label": "查看答复",
    },
    {"on": date(2026, 11, 17), "actor": "某企业（示例）", "act": "提出异议 1 件", "note": "询问定价依据"},
    {"on": date(2026, 11, 10), "act": "发布，快照冻结"},
]

FACETS = [
    {
        "name": "industry",
        "label": "所属行业",
        "options": [
            {"value": "C", "label": "制造业", "count": 27, "checked": True},
            {"value": "M", "label": "科学研究和技术服务业", "count": 8},
        ],
        "more_url": "#more",
    },
    {
        "name": "trl",
        "label": "成熟度",
        "options": [
            {"value": "8-9", "label": "可以量产（8–9 级）", "count": 9},
            {"value": "5-7", "label": "已有样品（5–7 级）", "count": 27, "checked": True},
        ],
    },
]

SEGMENTS = [
    {"label": "已拟支持", "amount_fen": 1_188_810_000, "count": 41},
    {"label": "财务已核", "amount_fen": 656_980_000, "count": 19},
    {"label": "审核中", "amount_fen": 750_830_000, "count": 37},
    {"label": "仅申报", "amount_fen": 531_840_000, "count": 28},
]


def _days() -> list[dict]:
    states = {True: "past", False: "future"}
    return [
        {
            "label": day,
            "title": f"2026-11-{day}",
            "state": "today" if day == TODAY.day else states[day < TODAY.day],
        }
        for day in range(11, 26)
    ]


def context() -> dict:
    """Everything the gallery shows; needs an application context."""
    return {
        "form": form(),
        "today": TODAY,
        "listings": LISTINGS,
        "factors": FACTORS,
        "comparison": COMPARISON,
        "counterfactuals": COUNTERFACTUALS,
        "matches": MATCHES,
        "trace": TRACE,
        "why_not": WHY_NOT,
        "queue": QUEUE,
        "actions": ACTIONS,
        "events": EVENTS,
        "facets": FACETS,
        "segments": SEGMENTS,
        "days": _days(),
        "long_name": LONG_NAME,
        "large_fen": LARGE_FEN,
    }
