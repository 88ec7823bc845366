"""What discovery does: searching the market, and what helps a person to ask it."""

from marketplace.discovery.services.exporting import exported
from marketplace.discovery.services.searching import Found, all_hits, scopes, search, several

__all__ = ["Found", "all_hits", "exported", "scopes", "search", "several"]
