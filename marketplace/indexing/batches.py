"""Numbers of what is written to the index: whoever drew later has read later, and may overwrite.

Drawn and committed before the records are read. So of two writers the one with the higher number has seen every
change that the other has seen, and an engine that lets the higher number win ends up with the newest state,
however late a batch arrives.
"""

from marketplace.numbering import next_number
from marketplace.web.transaction import unit_of_work

_COUNTER = "index-batch"


def draw() -> int:
    """The next number, in a transaction of its own."""
    with unit_of_work() as session:
        return next_number(session, _COUNTER)
