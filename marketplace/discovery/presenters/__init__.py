"""The pages of discovery, put together for their templates."""

from marketplace.discovery.presenters.exported import hits_table, page_actions
from marketplace.discovery.presenters.results import result_page

__all__ = ["hits_table", "page_actions", "result_page"]
