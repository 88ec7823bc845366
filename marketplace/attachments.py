"""Uploaded files: checked by content and size, stored by hash, served only as downloads.

The content decides the type, not the name or the browser's word. Office files are looked into: an
archive that unpacks to far more than it weighs is refused.
"""

import hashlib
import io
import secrets
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import BigInteger, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from marketplace import audit
from marketplace.db import Base, Identified, Key, UTCDateTime
from marketplace.errors import N_, Invalid, TooLarge
from marketplace.permissions import Actor

LARGEST = 20 * 1024 * 1024
_LARGEST_UNPACKED = 200 * 1024 * 1024
_LARGEST_RATIO = 100
_LARGEST_ENTRIES = 2000

ACCEPTED = N_("请上传 PDF、OFD、Word（.docx）、Excel（.xlsx）、JPG 或 PNG 文件，每个不超过 20 MB。")


@dataclass(frozen=True)
class FileType:
    """A type that is accepted: its extension and the content type it is served with."""

    extension: str
    content_type: str


_PDF = FileType("pdf", "application/pdf")
_JPEG = FileType("jpg", "image/jpeg")
_PNG = FileType("png", "image/png")
_ZIPPED = {
    "word/": FileType("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/": FileType("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "OFD.xml": FileType("ofd", "application/ofd"),
}


class Attachment(Identified, Base):
    """One stored file and the record it belongs to."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_subject", "subject_type", "subject_id"),)

    public_id: Mapped[str] = mapped_column(String(32), unique=True, comment="opaque id for addresses")
    subject_type: Mapped[str] = mapped_column(String(40), comment="kind of record it belongs to")
    subject_id: Mapped[int] = mapped_column(Key, comment="record it belongs to")
    purpose: Mapped[str] = mapped_column(String(40), comment="slot, e.g. evidence, trl_proof, licence")
    filename: Mapped[str] = mapped_column(String(200), comment="name as uploaded, without folders")
    content_type: Mapped[str] = mapped_column(String(100), comment="from the content, not the browser")
    size: Mapped[int] = mapped_column(BigInteger, comment="bytes")
    sha256: Mapped[str] = mapped_column(String(64), index=True, comment="name of the stored file")
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Storage:
    """A folder of files named by their hash (the interface leaves room for object storage)."""

    def __init__(self, folder: Path):
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Store and return the SHA-256; the same content is stored once."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{secrets.token_hex(4)}")
            temporary.write_bytes(content)
            temporary.replace(path)
        return digest

    def path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


def store(
    session: Session,
    storage: Storage,
    actor: Actor,
    upload: BinaryIO,
    filename: str,
    *,
    subject_type: str,
    subject_id: int,
    purpose: str,
    now: datetime,
    field: str = "file",
) -> Attachment:
    """Check and keep one upload. Raises Invalid (type, empty, bomb) or TooLarge, naming the file."""
    content = upload.read(LARGEST + 1)
    kind = sniff(content, filename, field)
    attachment = Attachment(
        public_id=secrets.token_urlsafe(16),
        subject_type=subject_type,
        subject_id=subject_id,
        purpose=purpose,
        filename=_clean_name(filename, kind),
        content_type=kind.content_type,
        size=len(content),
        sha256=storage.put(content),
        uploaded_by_id=actor.user_id,
        uploaded_at=now,
    )
    session.add(attachment)
    session.flush()
    audit.record(session, actor, "attachment.store", subject_type, subject_id, now=now, purpose=purpose)
    return attachment


def of(session: Session, subject_type: str, subject_id: int, purpose: str | None = None) -> list[Attachment]:
    """Files of one record, oldest first."""
    query = select(Attachment).where(
        Attachment.subject_type == subject_type, Attachment.subject_id == subject_id
    )
    if purpose:
        query = query.where(Attachment.purpose == purpose)
    return list(session.scalars(query.order_by(Attachment.id)))


def find(session: Session, public_id: str) -> Attachment | None:
    """The file with this opaque id."""
    return session.scalar(select(Attachment).where(Attachment.public_id == public_id))


def sniff(content: bytes, filename: str, field: str = "file") -> FileType:
    """The type by content. Raises Invalid or TooLarge with a sentence that says what would be right."""
    if not content:
        raise _refused(field, N_("“%(name)s”是空文件。%(accepted)s"), filename)
    if len(content) > LARGEST:
        raise TooLarge(N_("“%(name)s”超过 20 MB，请压缩或拆分后再上传。"), name=_short(filename))
    if content.startswith(b"%PDF-"):
        return _PDF
    if content.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if content.startswith(b"PK\x03\x04"):
        return _sniff_zip(content, filename, field)
    raise _refused(field, N_("“%(name)s”的内容不是可接受的文件类型。%(accepted)s"), filename)


def _sniff_zip(content: bytes, filename: str, field: str) -> FileType:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _refused(field, N_("“%(name)s”已损坏，打不开。%(accepted)s"), filename) from error
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > _LARGEST_ENTRIES
        or unpacked > _LARGEST_UNPACKED
        or unpacked > _LARGEST_RATIO * max(len(content), 100_000)
    ):
        raise _refused(field, N_("“%(name)s”解压后过大，可能是压缩炸弹。%(accepted)s"), filename)
    for marker, kind in _ZIPPED.items():
        if any(entry.filename.startswith(marker) for entry in entries):
            return kind
    raise _refused(field, N_("“%(name)s”的内容不是可接受的文件类型。%(accepted)s"), filename)


def _refused(field: str, sentence: str, filename: str) -> Invalid:
    return Invalid({field: [sentence % {"name": _short(filename), "accepted": ACCEPTED}]})


def _short(filename: str) -> str:
    return Path(filename.replace("\\", "/")).name[:60] or N_("未命名")


def _clean_name(filename: str, kind: FileType) -> str:
    """The bare name, printable, with the extension that the content has."""
    name = "".join(
        c for c in Path(filename.replace("\\", "/")).name if c.isprintable() and c not in '"<>:|?*'
    )
    stem = Path(name).stem[:150] or "file"
    return f"{stem}.{kind.extension}"
