"""Reading seed_data/demo: organisations with their people, and listings as texts of their fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import yaml

from marketplace.config import ROOT
from marketplace.listings.content import CONTENT_TYPES, Content, Kind
from marketplace.listings.services.import_fields import fields_of
from marketplace.permissions import Role
from marketplace.web.labels import ROLES

FOLDER = ROOT / "seed_data" / "demo"
#: One password for all demonstration accounts, so that it can be remembered.
PASSWORD = "try-the-market-2026"

#: Keys of a listing that are not fields of its content.
_ABOUT_THE_POST = frozenset({"author", "days_ago", "state", "reason", "files", "edits", "solve_in_days"})


@dataclass(frozen=True)
class Account:
    """A person who can log in to try a role out."""

    name: str
    address: str
    role: Role
    house: str
    password: str = PASSWORD

    @property
    def role_label(self) -> str:
        return ROLES[self.role]

    def __str__(self) -> str:
        return f"{self.role_label}  {self.address}  {self.password}  {self.name}，{self.house}"


@dataclass(frozen=True)
class Person:
    """Somebody of an organisation, with the region a member of staff is competent for."""

    name: str
    address: str
    role: Role
    jurisdiction: str | None = None


@dataclass(frozen=True)
class House:
    """An organisation: its columns, its people (the first one enters it) and how its verification ends."""

    values: Mapping[str, Any]
    people: tuple[Person, ...]
    state: str
    reason: str


@dataclass(frozen=True)
class Post:
    """A listing: who wrote it, how long ago, what became of it, and its fields as texts."""

    kind: Kind
    author: str
    days_ago: int
    state: str
    reason: str
    files: tuple[str, ...]
    texts: Mapping[str, str]
    edits: Mapping[str, str]
    solve_in_days: int | None

    def content(self, today: date, house: House, author: Person) -> Content:
        """The typed content; place and contact are those of the author and his organisation."""
        values = _read(self.kind, self.texts)
        values["region_code"] = house.values["registration_region"]
        values["contact_name"], values["contact_email"] = author.name, author.address
        if self.solve_in_days is not None:
            values["solve_by"] = today + timedelta(days=self.solve_in_days)
        return CONTENT_TYPES[self.kind](**values)

    def edited(self) -> dict[str, Any]:
        """What the author has changed since in a draft that is still open."""
        return _read(self.kind, self.edits)


@dataclass(frozen=True)
class Seed:
    """The whole demonstration market."""

    houses: tuple[House, ...]
    posts: tuple[Post, ...]

    def member(self, address: str) -> tuple[House, Person]:
        """The person with this address and his organisation."""
        return next((h, p) for h in self.houses for p in h.people if p.address == address)

    def accounts(self) -> list[Account]:
        """Everybody, the first of each role in front, in the order of the roles."""
        everybody = [
            Account(person.name, person.address, person.role, house.values["name"])
            for house in self.houses
            for person in house.people
        ]
        firsts = {account.role: account for account in reversed(everybody)}
        chosen = [firsts[role] for role in Role if role in firsts]
        return [*chosen, *(account for account in everybody if account not in chosen)]


@cache
def read() -> Seed:
    """The demonstration market as its files tell it."""
    return Seed(
        houses=tuple(_house(data) for data in _documents("organisations")),
        posts=tuple(_post(kind, data) for kind in Kind for data in _documents(f"{kind.value}s_*")),
    )


def _documents(pattern: str) -> Iterator[dict[str, Any]]:
    for path in sorted(FOLDER.glob(f"{pattern}.yaml")):
        # The base loader keeps every scalar a text: codes such as 07 stay what they are.
        yield from yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def _house(data: dict[str, Any]) -> House:
    values = {
        "name": data["name"],
        "organisation_type": data["type"],
        "party_kind": data["party_kind"],
        "party_kind_code": data.get("party_kind_code"),
        "public_unit": data.get("public_unit") == "true",
        "credit_code": data["code"],
        "registration_region": data["region"],
        "tax_region": data["region"],
        "legal_representative": data.get("representative"),
        "address": data.get("address"),
    }
    people = tuple(
        Person(one["name"], one["address"], Role(one["role"]), one.get("jurisdiction"))
        for one in data["people"]
    )
    return House(values, people, data.get("state", "verified"), data.get("reason", ""))


def _post(kind: Kind, data: dict[str, Any]) -> Post:
    texts = {name: _text(value) for name, value in data.items() if name not in _ABOUT_THE_POST}
    return Post(
        kind=kind,
        author=data["author"],
        days_ago=int(data["days_ago"]),
        state=data.get("state", "published"),
        reason=data.get("reason", ""),
        files=tuple(data.get("files", ())),
        texts=texts,
        edits={name: _text(value) for name, value in data.get("edits", {}).items()},
        solve_in_days=int(data["solve_in_days"]) if "solve_in_days" in data else None,
    )


def _text(value: str | list[str]) -> str:
    return "\n".join(value) if isinstance(value, list) else value


def _read(kind: Kind, texts: Mapping[str, str]) -> dict[str, Any]:
    """The values of fields written as an import writes them. Raises ValueError for a slip in the files."""
    fields, values = fields_of(kind), {}
    for name, text in texts.items():
        reading = fields[name].read(text)
        if reading.problems:
            raise ValueError(f"{texts.get('title', kind)}: {name}: {reading.problems}")
        values.update(reading.values)
    return values
