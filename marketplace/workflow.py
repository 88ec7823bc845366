"""State machines as tables, and the one function that moves a record along them.

A transition that is not in the table is an error the person can read. `apply` locks the row, compares
version, state, permission and guard, and writes state, history, audit and outbox together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace import audit, outbox
from marketplace.db import Base, Identified, Key, UTCDateTime, lock_row
from marketplace.errors import N_, Conflict, Invalid, StaleEdit
from marketplace.permissions import Actor, Permission, require

Guard = Callable[[object], Mapping[str, list[str]]]


def no_guard(_record: object) -> Mapping[str, list[str]]:
    """Nothing stands in the way."""
    return {}


@dataclass(frozen=True)
class Transition:
    """One row of a state table."""

    action: str
    from_states: frozenset[str]
    to_state: str
    permission: Permission | None  # None: only the system
    label: str = ""
    guard: Guard = no_guard
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Machine:
    """The state table of one kind of record."""

    name: str
    transitions: tuple[Transition, ...]
    view: Permission | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    #: Which record the outbox must name after a move, as (type, id); None: nobody needs to hear of it.
    tells: Callable[[object], tuple[str, int]] | None = None

    def find(self, action: str, state: str) -> Transition | None:
        return next((t for t in self.transitions if t.action == action and state in t.from_states), None)

    def actions(self, state: str) -> tuple[Transition, ...]:
        return tuple(t for t in self.transitions if state in t.from_states)

    def states(self) -> frozenset[str]:
        return frozenset().union(*(t.from_states | {t.to_state} for t in self.transitions))


class HistoryEntry(Identified, Base):
    """One move of one record along its state table, shown to the people concerned."""

    __tablename__ = "history_entries"
    __table_args__ = (Index("ix_history_entries_subject", "subject_type", "subject_id", "id"),)

    subject_type: Mapped[str] = mapped_column(String(40), comment="kind of record")
    subject_id: Mapped[int] = mapped_column(Key, comment="record")
    action: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[str] = mapped_column(String(40))
    to_state: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), comment="empty for the system")
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("memberships.id"))
    reason: Mapped[str | None] = mapped_column(Text, comment="what the person wrote")
    data: Mapped[dict] = mapped_column(JSON, default=dict, comment="codes and facts of the act")
    at: Mapped[datetime] = mapped_column(UTCDateTime)


def apply(
    session: Session,
    machine: Machine,
    record,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    version: int | None = None,
    reason: str | None = None,
    quiet: bool = False,
    effect: Callable[[], None] | None = None,
    **data: object,
) -> HistoryEntry:
    """Move `record` by `action`. The record offers `id`, `state` and `permission_subject()`.

    `quiet` marks bulk work, about which consumers tell no people. `effect` runs once everything has been
    checked and before the state changes, for what must be written together with it.

    Raises StaleEdit (another version was open), Conflict (not possible in this state), Forbidden or
    NotFound (not allowed to this person), Invalid (guard or required field).
    """
    lock_row(session, record)
    if version is not None and record.version != version:
        raise StaleEdit
    transition = machine.find(action, record.state)
    if transition is None:
        raise _impossible(machine, record.state)
    member = _authorise(machine, transition, record, actor)
    _check(transition, record, {"reason": reason, **data})
    entry = HistoryEntry(
        subject_type=machine.name,
        subject_id=record.id,
        action=action,
        from_state=record.state,
        to_state=transition.to_state,
        actor_id=actor.user_id,
        membership_id=member.id if member else None,
        reason=reason,
        data=data,
        at=now,
    )
    if effect is not None:
        effect()
    record.state = transition.to_state
    session.add(entry)
    audit.record(
        session,
        actor,
        f"{machine.name}.{action}",
        machine.name,
        record.id,
        now=now,
        membership=member,
        from_state=entry.from_state,
        to_state=entry.to_state,
    )
    if machine.tells is not None:
        outbox.emit(session, *machine.tells(record), now=now, quiet=quiet)
    session.flush()
    return entry


def history(session: Session, subject_type: str, subject_id: int) -> list[HistoryEntry]:
    """The moves of one record, newest first."""
    return list(
        session.scalars(
            select(HistoryEntry)
            .where(HistoryEntry.subject_type == subject_type, HistoryEntry.subject_id == subject_id)
            .order_by(HistoryEntry.id.desc())
        )
    )


def _impossible(machine: Machine, state: str) -> Conflict:
    return Conflict(
        N_("现在的状态是“%(state)s”，不能办理这一步；可能别人刚刚办过，请刷新页面查看。"),
        state=machine.labels.get(state, state),
    )


def _authorise(machine: Machine, transition: Transition, record, actor: Actor):
    if actor.is_system:
        return None
    if transition.permission is None:
        raise _impossible(machine, record.state)
    return require(actor, transition.permission, record.permission_subject(), view=machine.view)


def _check(transition: Transition, record, given: Mapping[str, object]) -> None:
    problems = {
        name: [N_("请填写此项后再提交。")]
        for name in transition.required
        if not str(given.get(name) or "").strip()
    }
    problems.update(transition.guard(record))
    if problems:
        raise Invalid(problems)
