"""What was given up of a text so that there are hits at all, or more than a few, in words."""

from flask_babel import gettext

from marketplace.discovery.services import Found
from search.query import Level, ParsedText, Sort


def reading_notes(found: Found, parsed: ParsedText) -> tuple[str, ...]:
    """Sentences about how strictly the text was taken; none where every hit holds all of it."""
    result = found.result
    if result.filled is not None:
        return _filled(found, parsed)
    if result.reading.level is Level.SOME_WORDS:
        words, count = _words(parsed), result.reading.needed
        said = gettext("没有同时包含%(words)s的结果，以下包含其中 %(count)s 个词", words=words, count=count)
        return (said,)
    if result.reading.level is Level.CHARACTERS:
        return (gettext("没有包含这些词的结果，以下按单字相近"),)
    if parsed.unsearchable and not parsed.clauses and result.total:
        return (gettext("搜索内容里没有可以查找的字词，以下是不限搜索词的结果"),)
    return ()


def _filled(found: Found, parsed: ParsedText) -> tuple[str, ...]:
    """How many hits hold most, and what the others hold; only the order by relevance puts the fuller first."""
    result = found.result
    leads = found.request.sort is Sort.RELEVANCE
    if result.reading.level is Level.ALL_WORDS:
        said = (
            gettext("同时包含全部词的 %(fuller)s 条在前，其后是至少包含其中 %(count)s 个词的")
            if leads
            else gettext("同时包含全部词的有 %(fuller)s 条，其余至少包含其中 %(count)s 个词")
        )
        return (said % {"fuller": result.fuller, "count": result.filled.needed},)
    said = (
        gettext("包含其中 %(most)s 个词的 %(fuller)s 条在前，其后是至少包含其中 %(count)s 个词的")
        if leads
        else gettext("包含其中 %(most)s 个词的有 %(fuller)s 条，其余至少包含其中 %(count)s 个词")
    )
    counts = {"most": result.reading.needed, "fuller": result.fuller, "count": result.filled.needed}
    return gettext("没有同时包含%(words)s的结果", words=_words(parsed)), said % counts


def _words(parsed: ParsedText) -> str:
    return "".join(f"“{clause.text}”" for clause in parsed.optional)
