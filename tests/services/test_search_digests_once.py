"""Nothing is sent twice: two workers at once, a worker that dies between any two steps, a mail that has left."""

import threading
from email.message import EmailMessage

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from marketplace.discovery.saved import digester
from marketplace.discovery.saved.models import SearchDigest, SearchDigestItem
from marketplace.discovery.saved.services import digests
from marketplace.notices import delivery
from marketplace.notices.delivery import FolderCarrier
from marketplace.web.transaction import unit_of_work
from marketplace.worker import run_pass
from tests.saved_searches import (
    DAY,
    MONDAY,
    SUNDAY,
    Market,
    market,
    notices_of,
    queued_mails,
    sent_mails,
    told,
)


class Killed(BaseException):
    """Ends a worker as a signal does: nothing below catches it."""


@pytest.fixture
def town(app) -> Market:
    """Somebody waits for news, and there is one."""
    made = market(app, SUNDAY - 30 * DAY)
    made.save(SUNDAY, q="耐磨涂层")
    made.save(SUNDAY, q="风口")
    made.post(SUNDAY + DAY / 2)
    return made


def counted() -> tuple[int, int]:
    """Digests and their items."""
    with unit_of_work() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(model))
            for model in (SearchDigest, SearchDigestItem)
        )


def test_two_workers_at_once_tell_once(town, monkeypatch):
    """Both have found the news before either tells."""
    barrier, made, whole = threading.Barrier(2), [], digester._found

    def together(*args):
        found = whole(*args)
        barrier.wait(timeout=30)
        return found

    monkeypatch.setattr(digester, "_found", together)

    def work():
        with town.app.app_context():
            made.append(town.digest(MONDAY))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 1]
    assert counted() == (1, 2)
    assert len(notices_of(town.reader.user_id)) == len(queued_mails()) == 1


STEPS = {
    "before anything is written": ("marketplace.discovery.saved.services.digests", "_taken_up"),
    "between marking and items": ("marketplace.discovery.saved.services.digests", "_untold"),
    "between items and notice": ("marketplace.discovery.saved.services.digests", "_notify"),
    "between notice and mail": ("marketplace.notices.services", "queue_mail"),
    "between mail and commit": ("marketplace.outbox", "emit"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_has_told_nothing_and_the_next_tells_once(town, monkeypatch, step):
    def killed(*_args, **_kwargs):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(".".join(STEPS[step]), killed)
        with pytest.raises(Killed):
            town.digest(MONDAY)
    assert counted() == (0, 0) and queued_mails() == [] and notices_of(town.reader.user_id) == []
    assert town.digest(MONDAY) == 1
    assert counted() == (1, 2) and len(queued_mails()) == 1


def test_a_worker_killed_after_a_mail_left_and_before_it_was_marked_never_sends_it_again(town, monkeypatch):
    left: list[EmailMessage] = []

    class Dying(FolderCarrier):
        def send(self, message):
            super().send(message)
            if "List-Unsubscribe" in message:
                left.append(message)
                raise Killed

    town.digest(MONDAY)
    folder = town.app.extensions["settings"].home / "mail"
    with monkeypatch.context() as patched:
        patched.setitem(town.app.extensions, "carrier", Dying(folder))
        with pytest.raises(Killed):
            run_pass(town.app, only=["mail"])
    run_pass(town.app, only=["mail"])
    assert len(left) == 1 and len(sent_mails(town.app)) == 1
    (mail,) = queued_mails()
    assert mail.state == "sending", "staff see that nobody knows whether it arrived"


def test_the_database_refuses_to_tell_the_same_twice(town):
    town.digest(MONDAY)
    with pytest.raises(IntegrityError), unit_of_work() as session:
        item = session.scalars(select(SearchDigestItem)).first()
        session.expunge(item)
        session.execute(
            SearchDigestItem.__table__.insert().values(
                saved_search_id=item.saved_search_id,
                listing_id=item.listing_id,
                revision_id=item.revision_id,
                digest_id=item.digest_id,
                place=9,
                first=True,
            )
        )
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.add(SearchDigest(user_id=town.reader.user_id, day=MONDAY.date(), made_at=MONDAY))


def test_the_worker_does_all_of_it_in_its_passes(town, monkeypatch):
    monkeypatch.setattr(town.app.extensions["clock"], "now", lambda: MONDAY)
    assert run_pass(town.app)["search digests"] == 1
    assert run_pass(town.app)["mail"] == 1
    assert "search digests" not in run_pass(town.app)
    (mail,) = sent_mails(town.app)
    assert mail["To"].startswith("person")


@pytest.fixture
def one(app) -> Market:
    """One search with more news than a mail names."""
    made = market(app, SUNDAY - 30 * DAY)
    made.save(SUNDAY, q="耐磨涂层")
    for _number in range(digests.SHOWN + 2):
        made.post(SUNDAY + DAY / 2)
    made.post(SUNDAY + DAY / 2 + DAY / 24, title="=耐磨涂层 (示例)")
    return made


def composed(base_url: str, locale: str = "zh_CN") -> EmailMessage:
    (mail,) = queued_mails()
    mail.locale = locale
    return delivery.compose(mail, sender="noreply@market.example", base_url=base_url)


def test_a_mail_names_what_is_new_with_whole_links(one):
    one.digest(MONDAY)
    message = composed("https://market.example")
    lines = message.get_content().splitlines()
    assert message["Subject"] == "您订阅的搜索有 8 条新信息：耐磨涂层"
    last = told()[0][1]
    assert lines[:6] == [
        "您订阅的搜索有 8 条新信息：耐磨涂层",
        "",
        "https://market.example/my/digests/1",
        "",
        "【耐磨涂层】",
        "· =耐磨涂层 (示例)（新发布）",
    ]
    assert lines[6] == f"  https://market.example/listings/{last}"
    assert sum(line.startswith("· ") for line in lines) == digests.SHOWN
    assert "还有 3 条：https://market.example/my/searches/1/run" in lines
    assert lines[-4].startswith("不想再收到：https://market.example/unsubscribe/")
    assert lines[-3:-1] == ["", "-- "], "above the signature, which mail programs fold away"


def test_the_mail_program_gets_its_unsubscribe_button(one):
    one.digest(MONDAY)
    message = composed("https://market.example")
    link = message.get_content().splitlines()[-4].removeprefix("不想再收到：")
    assert message["List-Unsubscribe"] == f"<{link}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    sent = bytes(message).decode("ascii")
    assert f"<{link}>" in sent.replace("\n ", ""), "as it is, not encoded: programs look for the address"
    assert composed("http://market.example")["List-Unsubscribe-Post"] is None, "RFC 8058 demands https"


def test_a_mail_is_in_the_language_of_its_reader(one):
    one.digest(MONDAY)
    text = composed("https://market.example", "en").get_content()
    assert "please do not reply" in text and "请勿回复" not in text
    assert "【耐磨涂层】" in text, "the name is the person's own"


def test_what_a_sent_mail_said_is_forgotten(one):
    one.digest(MONDAY)
    run_pass(one.app, only=["mail"])
    (mail,) = queued_mails()
    assert (mail.state, mail.path, mail.letter) == ("sent", None, None)
