"""Reading seed_data/demo: organisations with their people, listings as texts of their fields, and subsidies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from marketplace.config import ROOT
from marketplace.listings.content import CONTENT_TYPES, Content, Kind
from marketplace.listings.services.import_fields import fields_of
from marketplace.money import parse_yuan
from marketplace.permissions import Role
from marketplace.web.labels import ROLES

FOLDER = ROOT / "seed_data" / "demo"
#: One password for all demonstration accounts, so that it can be remembered.
PASSWORD = "try-the-market-2026"

#: Keys of a listing that are not fields of its content.
_ABOUT_THE_POST = frozenset(
    {
        "author",
        "days_ago",
        "confirmed_days_ago",
        "state",
        "reason",
        "closing",
        "files",
        "edits",
        "solve_in_days",
    }
)


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
    """A listing: who wrote it, how long ago, what became of it, and its fields as texts.

    One that is long published names the day on which its owner last said that it still stands; one that was
    taken off the market names the closing reason.
    """

    kind: Kind
    author: str
    days_ago: int
    confirmed_days_ago: int | None
    state: str
    reason: str
    closing: str
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
class SubsidyList:
    """A list of a batch: how many days ago it was drawn up, published, approved; None: not yet."""

    drawn_up: int
    published: int | None
    approved: int | None


@dataclass(frozen=True)
class Batch:
    """A call for applications: it opened so many days ago and closes in so many; budget in fen."""

    key: str
    title: str
    opens: int
    closes: int
    budget_fen: int | None
    lists: tuple[SubsidyList, ...]


@dataclass(frozen=True)
class Payment:
    """A payment, amounts in fen; `on` is the percentage of the days on which it may lie."""

    on: int
    amount_fen: int
    bank_tech_fen: int
    invoice_tech_fen: int
    refund_fen: int
    refused: str | None
    pending: bool


@dataclass(frozen=True)
class Step:
    """What somebody does with an application, how many days ago, and what he writes."""

    act: str
    days_ago: int
    text: str


@dataclass(frozen=True)
class Application:
    """The contract of an achievement with a buyer: what was paid on it, and its way through a batch."""

    achievement: str
    buyer: str
    batch: str
    payments: tuple[Payment, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Programme:
    """The subsidy of the demonstration market."""

    batches: tuple[Batch, ...]
    applications: tuple[Application, ...]


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


@cache
def programme() -> Programme:
    """The subsidy batches with their applications as their file tells them."""
    data = _load(FOLDER / "subsidies.yaml")
    return Programme(
        batches=tuple(_batch(each) for each in data["batches"]),
        applications=tuple(_application(each) for each in data["applications"]),
    )


def _documents(pattern: str) -> Iterator[dict[str, Any]]:
    for path in sorted(FOLDER.glob(f"{pattern}.yaml")):
        yield from _load(path)


def _load(path: Path) -> Any:
    # The base loader keeps every scalar a text: codes such as 07 stay what they are.
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


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
        confirmed_days_ago=_int(data, "confirmed_days_ago"),
        state=data.get("state", "published"),
        closing=data.get("closing", ""),
        reason=data.get("reason", ""),
        files=tuple(data.get("files", ())),
        texts=texts,
        edits={name: _text(value) for name, value in data.get("edits", {}).items()},
        solve_in_days=_int(data, "solve_in_days"),
    )


def _batch(data: dict[str, Any]) -> Batch:
    lists = (
        SubsidyList(int(each["drawn_up"]), _int(each, "published"), _int(each, "approved"))
        for each in data["lists"]
    )
    return Batch(
        key=data["key"],
        title=data["title"],
        opens=int(data["opens"]),
        closes=int(data["closes"]),
        budget_fen=parse_yuan(data["budget"]) if "budget" in data else None,
        lists=tuple(lists),
    )


def _application(data: dict[str, Any]) -> Application:
    return Application(
        achievement=data["achievement"],
        buyer=data["buyer"],
        batch=data["batch"],
        payments=tuple(_payment(each) for each in data["payments"]),
        steps=tuple(Step(act, int(days), "".join(text)) for act, days, *text in data["steps"]),
    )


def _payment(data: dict[str, str]) -> Payment:
    return Payment(
        on=int(data["on"]),
        amount_fen=parse_yuan(data["amount"]),
        bank_tech_fen=parse_yuan(data["technical"]),
        invoice_tech_fen=parse_yuan(data.get("invoice", data["technical"])),
        refund_fen=parse_yuan(data.get("refund", "0")),
        refused=data.get("refused"),
        pending=data.get("pending") == "true",
    )


def _int(data: Mapping[str, Any], key: str) -> int | None:
    return int(data[key]) if key in data else None


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
