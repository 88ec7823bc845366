"""The matcher of an engine, one for the whole process: it remembers term statistics while the index does not change."""

from weakref import WeakKeyDictionary

from search.backend import SearchEngine
from search.matching import Matcher

_matchers: WeakKeyDictionary[SearchEngine, Matcher] = WeakKeyDictionary()


def matcher_of(engine: SearchEngine) -> Matcher:
    """The matcher on this engine."""
    return _matchers.setdefault(engine, Matcher(engine))
