"""What discovery does: searching the market, and what helps a person to ask it."""

from marketplace.discovery.services.searching import Found, scopes, search

__all__ = ["Found", "scopes", "search"]
