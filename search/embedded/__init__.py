"""The embedded engine: tantivy in a folder beside the database, no server needed."""

from search.embedded.engine import EmbeddedEngine

__all__ = ["EmbeddedEngine"]
