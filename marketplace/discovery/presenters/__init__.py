"""The pages of discovery, put together for their templates."""

from marketplace.discovery.presenters.actions import page_actions
from marketplace.discovery.presenters.exported import hits_table
from marketplace.discovery.presenters.left_out import left_out
from marketplace.discovery.presenters.ranges import indicator_page
from marketplace.discovery.presenters.results import result_page
from marketplace.discovery.presenters.suggestions import rows as suggested_rows
from marketplace.discovery.presenters.trees import tree_page

__all__ = [
    "hits_table",
    "indicator_page",
    "left_out",
    "page_actions",
    "result_page",
    "suggested_rows",
    "tree_page",
]
