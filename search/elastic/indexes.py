"""Names of an index on the servers: the alias in use, its versions, and the successor being built.

Versions are called `{alias}-000001` and so on; readers ask `{alias}`. While a successor is being built it bears
the alias `{alias}-next`, and every change is written to both, so that nothing is missing after the swap. The
version before the current one is kept for a rollback.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from search.backend import EngineUnavailable
from search.elastic import mapping
from search.elastic.connection import ElasticAddress


class Indexes:
    """The versions of one index."""

    def __init__(self, client: Elasticsearch, address: ElasticAddress) -> None:
        self._client = client
        self._address = address
        self.alias = address.index
        self.next_alias = f"{address.index}-next"

    def aliased(self) -> dict[str, Mapping[str, Any]]:
        """Return alias → the index behind it with its mapping, for those of the two aliases that exist."""
        found = self._client.indices.get(
            index=[self.alias, self.next_alias],
            ignore_unavailable=True,
            allow_no_indices=True,
            features=["aliases", "mappings"],
        )
        return {
            alias: {"index": name, **facts}
            for name, facts in found.items()
            for alias in facts["aliases"]
            if alias in (self.alias, self.next_alias)
        }

    def current(self) -> str | None:
        """Return the name of the index in use, or None while there is none."""
        with suppress(NotFoundError):
            return next(iter(self._client.indices.get_alias(name=self.alias)))
        return None

    def is_up_to_date(self, facts: Mapping[str, Any]) -> bool:
        """Tell whether an index was made by the mapping and the tokenizer in force."""
        return facts["mappings"].get("_meta") == mapping.version()

    def versions(self) -> list[str]:
        """Return the names of all versions on the servers, oldest first."""
        found = self._client.indices.get(
            index=f"{self.alias}-*", allow_no_indices=True, expand_wildcards="open", features="aliases"
        )
        return sorted(name for name in found if name.removeprefix(f"{self.alias}-").isdigit())

    def create_first(self) -> None:
        """Make an empty index in use; another process may be doing the same."""
        try:
            self._create(1, self.alias)
        except BadRequestError as error:
            if error.message != "resource_already_exists_exception":
                raise

    def begin(self) -> str:
        """Make an empty successor, in place of one that was left unfinished."""
        unfinished = self.aliased().get(self.next_alias)
        if unfinished is not None:
            self.remove(unfinished["index"])
        numbers = [int(name.rpartition("-")[2]) for name in self.versions()]
        return self._create(max(numbers, default=0) + 1, self.next_alias)

    def remove(self, name: str) -> None:
        """Remove a version; one that is gone already is fine, for a repeated call finds it so."""
        with suppress(NotFoundError):
            self._client.indices.delete(index=name)

    def activate(self, name: str) -> None:
        """Put an index into use in one step; keep the one before it, remove older ones."""
        before = self.aliased().get(self.alias)
        self._client.indices.update_aliases(
            actions=[
                {"remove": {"index": f"{self.alias}-*", "alias": self.alias, "must_exist": False}},
                {"remove": {"index": name, "alias": self.next_alias, "must_exist": False}},
                {"add": {"index": name, "alias": self.alias}},
            ]
        )
        keep = {name, before["index"]} if before else {name}
        for old in set(self.versions()) - keep:
            self.remove(old)

    def previous(self) -> str:
        """Return the version before the one in use. Raises EngineUnavailable when there is none to go back to."""
        current = self.aliased().get(self.alias)
        older = [name for name in self.versions() if current and name < current["index"]]
        if not older:
            raise EngineUnavailable("there is no previous index to go back to")
        facts = self._client.indices.get(index=older[-1], features="mappings")[older[-1]]
        if not self.is_up_to_date(facts):
            raise EngineUnavailable("the previous index was made by another version; rebuild instead")
        return older[-1]

    def _create(self, number: int, alias: str) -> str:
        name = f"{self.alias}-{number:06d}"
        self._client.indices.create(
            index=name,
            mappings=mapping.mappings(),
            settings=mapping.settings(self._address.shards, self._address.replicas),
            aliases={alias: {}},
        )
        return name
