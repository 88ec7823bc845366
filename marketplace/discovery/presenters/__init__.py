"""The pages of discovery, put together for their templates."""

from marketplace.discovery.presenters.results import result_page

__all__ = ["result_page"]
