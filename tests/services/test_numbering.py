"""Numbers without gap or duplicate, also with two writers at once and with writers that give up."""

from threading import Barrier, Thread

from marketplace.numbering import next_number
from marketplace.web.transaction import unit_of_work


class Undone(Exception):
    """The writer changes his mind."""


def test_two_writers_at_once_leave_no_gap_and_no_duplicate(app):
    given: list[int] = []
    start = Barrier(2)

    def write(gives_up: bool) -> None:
        with app.app_context():
            start.wait()
            for turn in range(10):
                try:
                    with unit_of_work() as session:
                        number = next_number(session, "registration:2026150201")
                        if gives_up and turn % 3 == 0:
                            raise Undone
                except Undone:
                    continue
                given.append(number)

    threads = [Thread(target=write, args=(gives_up,)) for gives_up in (False, True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 17))
