"""Addresses compiled once per test process: every test has an application of its own, but the same addresses."""

from collections.abc import Callable

from werkzeug.routing import Rule


class SharedRule(Rule):
    """A rule whose builder of addresses is that of the first rule of the same text.

    The function werkzeug compiles knows nothing of its rule: that is handed to it at each call. Making it is most
    of what making an application costs. Rules with defaults, whose values are built in, are compiled as ever.
    """

    _compiled: dict[tuple, Callable[..., tuple[str, str]]] = {}  # noqa: RUF012  one for all rules

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in self._compiled:
            self._compiled[key] = super()._compile_builder(append_unknown)
        return self._compiled[key]
