"""Sending mails: by SMTP, or as files into a folder while developing. Called by the worker only.

At most once: a mail is marked `sending` and committed before it leaves. A worker killed in between
leaves it there for staff to see; it is never sent twice.
"""

import smtplib
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flask_babel import force_locale, gettext

from marketplace.db import writing
from marketplace.notices.kinds import SENTENCES
from marketplace.notices.letters import Letter, Section
from marketplace.notices.models import Mail
from marketplace.outbox import Event


class Carrier(Protocol):
    """Something that takes a finished message away."""

    def send(self, message: EmailMessage) -> None: ...


class FolderCarrier:
    """Keeps mails as .eml files (development and tests)."""

    def __init__(self, folder: Path):
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{message['X-Market-Mail']}.eml"
        path.write_bytes(bytes(message))


class SmtpCarrier:
    """Sends through a mail server, with TLS where the server offers it."""

    def __init__(self, url: str):
        self._url = urlsplit(url)

    def send(self, message: EmailMessage) -> None:
        kind = smtplib.SMTP_SSL if self._url.scheme == "smtps" else smtplib.SMTP
        with kind(self._url.hostname, self._url.port or 0, timeout=30) as server:
            if self._url.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls()
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            server.send_message(message)


def deliver(
    session, carrier: Carrier, events: list[Event], *, now: datetime, sender: str, base_url: str
) -> None:
    """Send the mails these outbox rows name; a failure is kept on the mail's row."""
    for event in events:
        mail = session.get(Mail, event.entity_id)
        if mail is None or mail.state != "queued":
            continue
        message = compose(mail, sender=sender, base_url=base_url)
        with writing():
            session.rollback()
            mail = session.get_one(Mail, event.entity_id)
            mail.state = "sending"
            session.commit()
        error = _try(carrier, message)
        with writing():
            mail = session.get_one(Mail, event.entity_id)
            mail.state, mail.error, mail.sent_at = ("failed", error, None) if error else ("sent", None, now)
            mail.path = mail.letter = None
            session.commit()


def compose(mail: Mail, *, sender: str, base_url: str) -> EmailMessage:
    """The message in the language of its reader."""
    letter = Letter.from_json(mail.letter) if mail.letter else None
    message = EmailMessage()
    message["From"], message["To"] = sender, mail.recipient
    with force_locale(mail.locale):
        text = gettext(SENTENCES[mail.kind]) % mail.params
        message.set_content("\n".join(_lines(text, mail, letter, base_url)))
    message["Subject"] = " ".join(text.split())[:120]
    message["X-Market-Mail"] = f"{mail.id:08d}"
    if letter:
        _let_unsubscribe(message, base_url + letter.unsubscribe_path)
    return message


def _lines(text: str, mail: Mail, letter: Letter | None, base_url: str) -> Iterator[str]:
    yield from (text, "", f"{base_url}{mail.path}", "")
    for section in letter.sections if letter else ():
        yield from _section(section, base_url)
    if letter:
        yield from (gettext("不想再收到：%(link)s", link=base_url + letter.unsubscribe_path), "")
    yield from ("-- ", gettext("科技成果交易平台（此邮件由系统发出，请勿回复）"), "")


def _section(section: Section, base_url: str) -> Iterator[str]:
    yield f"【{section.title}】"
    for line in section.lines:
        yield f"· {line.text}（{gettext(line.note)}）" if line.note else f"· {line.text}"
        yield f"  {base_url}{line.path}"
    if section.more:
        yield gettext("还有 %(count)s 条：%(link)s", count=section.more, link=base_url + section.path)
    yield ""


def _let_unsubscribe(message: EmailMessage, link: str) -> None:
    """The mail program's own button (RFC 2369); one click suffices (RFC 8058), which demands https."""
    message["List-Unsubscribe"] = f"<{link}>"
    if link.startswith("https://"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _try(carrier: Carrier, message: EmailMessage) -> str | None:
    try:
        carrier.send(message)
    except (OSError, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: {error}"[:1000]
    return None
