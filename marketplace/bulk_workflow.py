"""Moving many records of one kind along their state table at once, for the system's own bulk work.

The table decides as in `workflow.apply`: the rows are locked and read again, a transition that is not in it
is an error, and history and outbox are written. What is left out: rights (only the system acts), guards and
required fields (such transitions are refused here), and the audit row, which the caller writes once per run.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from marketplace.errors import N_, Conflict
from marketplace.outbox import CONSUMERS, OutboxRow
from marketplace.workflow import HistoryEntry, Machine, Transition, no_guard


@dataclass(frozen=True)
class _Named:
    """As much of a record as a machine needs to say which one it tells of."""

    id: int


def apply_all(
    session: Session, machine: Machine, model: type, action: str, ids: Sequence[int], *, now: datetime
) -> None:
    """Move the records of `model` with these ids by `action`, as the system, quietly.

    Raises Conflict when the table does not allow it for one of them. The session forgets what it had
    loaded of them.
    """
    if not ids:
        return
    moves = _planned(session, machine, model, action, ids)
    _write_history(session, machine, moves, now)
    _write_states(session, model, moves)
    if machine.tells is not None:
        emit_all(session, [machine.tells(_Named(record)) for record in ids], now=now)
    session.expire_all()


def emit_all(session: Session, records: Sequence[tuple[str, int]], *, now: datetime) -> None:
    """Quiet outbox rows for many records, given as (type, id), in that order."""
    rows = [
        {
            "consumer": consumer,
            "entity_type": entity_type,
            "entity_id": entity_id,
            "quiet": True,
            "created_at": now,
            "attempts": 0,
        }
        for entity_type, entity_id in records
        for consumer in CONSUMERS[entity_type]
    ]
    if rows:
        session.execute(insert(OutboxRow.__table__), rows)


def _planned(
    session: Session, machine: Machine, model: type, action: str, ids: Sequence[int]
) -> dict[int, tuple[str, Transition]]:
    session.flush()
    found = session.execute(
        select(model.id, model.state).where(model.id.in_(ids)).order_by(model.id).with_for_update()
    ).all()
    moves = {}
    for record, state in found:
        transition = machine.find(action, state)
        if transition is None:
            raise Conflict(
                N_("编号 %(id)s 的状态是“%(state)s”，不能办理这一步。"),
                id=record,
                state=machine.labels.get(state, state),
            )
        if transition.guard is not no_guard or transition.required:
            raise ValueError(f"{machine.name}.{action} asks for more than a bulk move can give")
        moves[record] = (state, transition)
    return moves


def _write_history(
    session: Session, machine: Machine, moves: dict[int, tuple[str, Transition]], now: datetime
) -> None:
    rows = [
        {
            "subject_type": machine.name,
            "subject_id": record,
            "action": transition.action,
            "from_state": state,
            "to_state": transition.to_state,
            "data": {},
            "at": now,
        }
        for record, (state, transition) in moves.items()
    ]
    session.execute(insert(HistoryEntry.__table__), rows)


def _write_states(session: Session, model: type, moves: dict[int, tuple[str, Transition]]) -> None:
    by_state: dict[str, list[int]] = defaultdict(list)
    for record, (_state, transition) in moves.items():
        by_state[transition.to_state].append(record)
    table = model.__table__
    for state, records in by_state.items():
        session.execute(
            update(table).where(table.c.id.in_(records)).values(state=state, version=table.c.version + 1)
        )
