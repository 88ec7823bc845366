"""The words by which indicators are read from Chinese text: comparators, fillers, and what is no indicator."""

from __future__ import annotations

from search.indicators import Comparator

_WORDS: dict[Comparator, tuple[str, ...]] = {
    Comparator.AT_LEAST: (
        "≥", ">=", "≧", "⩾", "不低于", "不小于", "不少于", "不得低于", "不得小于", "不得少于", "不短于",
        "大于等于", "大于或等于", "高于等于", "至少", "最少", "达到", "可达到", "可达", "高达", "达",
        "提高到", "提高至", "提升到", "提升至", "增加到", "增加至", "增至", "延长到", "延长至",
    ),
    Comparator.AT_MOST: (
        "≤", "<=", "≦", "⩽", "不超过", "不高于", "不大于", "不多于", "不得超过", "不得高于", "不得大于",
        "不长于", "小于等于", "小于或等于", "低于等于", "至多", "最多", "控制在", "±", "低至",
        "降到", "降至", "降低到", "降低至", "下降到", "下降至", "减少到", "减少至", "缩短到", "缩短至", "减到", "减至",
    ),
    Comparator.ABOVE: (">", "大于", "高于", "超过", "多于", "优于"),
    Comparator.BELOW: ("<", "小于", "低于", "少于"),
    Comparator.EQUAL: ("=", "为", ":", "是", "稳定在", "保持在", "维持在"),
}  # fmt: skip
COMPARATOR_OF = {word: comparator for comparator, words in _WORDS.items() for word in words}
#: Comparators that also stand in sentences without any indicator (联系电话:…, 专利号为…).
WEAK_WORDS = frozenset({"=", "为", ":", "是"})
CHANGES = "下降|降低|减少|提高|提升|增加|节约|节省|缩短|延长"
#: After a change these only say how much, not that the value itself is equal: 能耗下降为15%.
BESIDE_A_CHANGE = frozenset({None, "为", "达", "达到", "可达"})
SUFFIXES = {
    "以上": Comparator.AT_LEAST, "及以上": Comparator.AT_LEAST, "以下": Comparator.AT_MOST,
    "及以下": Comparator.AT_MOST, "以内": Comparator.AT_MOST, "之内": Comparator.AT_MOST,
}  # fmt: skip
#: Endings of names of which less is better: 精度优于0.1mm means a smaller number.
SMALLER_IS_BETTER = (
    "误差", "精度", "偏差", "误报率", "漏报率", "缺陷率", "返工率", "不良率", "粗糙度", "不确定度", "噪声", "能耗",
    "电耗", "延迟", "时延", "响应时间", "检出限", "分辨率", "分辨力",
)  # fmt: skip
#: What stands between a name and its comparator without saying anything: 含水率应不高于12%.
FILLERS = "应该|必须|应当|应|须|需|可以|能够|均|都|稳定|一般|平均"
ABOUT = "大约|约|接近|近"

#: Words that do not belong to a name that follows them; the name starts after the last of them.
NOT_NAMES = frozenset(
    (
        *"不的其且并使将在为与及和或需应可能要让对了是有时下后中内以由从到用该本约至",
        "要求", "需要", "能够", "可以", "实现", "满足", "保证", "确保", "具有", "主要", "指标", "技术指标",
        "其中", "产品", "达到", "目标", "预期", "使得", "项目", "平均", "大约", "一般", "同时", "通过",
        "采用", "型号", "选用", "获得", "具备", "以及", "并且", "或者", "分别", "依次",
    )
)  # fmt: skip
#: Endings of names whose number is a mark and not a quantity.
MARKS = (
    "号", "编号", "电话", "手机", "传真", "热线", "邮编", "编码", "代码", "代号", "账号", "qq", "微信",
    "日期", "年份", "版本", "页码", "页", "邮箱", "地址", "表", "图", "附件", "实施期限", "起止时间", "起止年限",
)  # fmt: skip
#: Endings of names of money that is business and not a property of the technology.
BUSINESS = (
    "投资", "预算", "经费", "资金", "报价", "售价", "转让费", "许可费", "合同额", "金额", "产值", "收入",
    "销售额", "利润", "利税", "税收", "补助", "效益", "注册资本", "估值",
)  # fmt: skip
#: Units of counted things: without a comparator they only count (新增3个岗位).
COUNTED = frozenset(
    ("年", "个", "次", "台", "件", "套", "天", "元", "倍", "万", "亿", "个月", "万元", "亿元", "t", "A")
)
#: Endings by which a name is a quantity's: a capital behind its number is a unit (耐温1200K), and its number may
#: stand without one.
QUANTITIES = (
    *"度率量力温压径厚长宽高重积值数比命能功耗距速频差限升流磁感容阻",
    "熔点", "沸点", "凝点", "闪点", "露点", "ph", "pue",
)  # fmt: skip
#: After a number without a unit the sentence may go on with these; with anything else it counts that thing.
GOING_ON = frozenset("的且和与或以并及而时左)")
