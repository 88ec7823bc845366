"""The Elasticsearch engine, for markets that outgrow the embedded index. Stock server, no plugin, no script."""

from search.elastic.connection import ElasticAddress
from search.elastic.engine import ElasticEngine

__all__ = ["ElasticAddress", "ElasticEngine"]
