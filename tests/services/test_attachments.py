"""Uploaded files: what is kept, what is refused and why, and who may have them back."""

import io
import zipfile

import pytest
from sqlalchemy import func, select

from marketplace import attachments
from marketplace.attachments import LARGEST, Attachment, Storage
from marketplace.errors import Invalid, NotFound, TooLarge
from marketplace.listings.content import Kind
from marketplace.listings.services import attaching, drafts, publication, reading
from marketplace.permissions import VISITOR, Role
from tests import factories


def archive(**entries: bytes) -> bytes:
    """A zip file with these entries."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in entries.items():
            zipped.writestr(name.replace("__", "/"), content)
    return made.getvalue()


@pytest.fixture
def storage(tmp_path) -> Storage:
    return Storage(tmp_path / "uploads")


@pytest.fixture
def draft(session, now):
    house = factories.organisation(session, now=now)
    author = factories.actor(session, Role.ENTERPRISE_MEMBER, house, now=now)
    content = factories.demand()
    return author, drafts.start(session, author, Kind.DEMAND, house.id, now=now, content=content)


@pytest.mark.parametrize(
    ("content", "name", "kept_as", "content_type"),
    [
        (b"%PDF-1.7 ...", "报告.pdf", "报告.pdf", "application/pdf"),
        (b"%PDF-1.7 ...", "../../etc/passwd", "passwd.pdf", "application/pdf"),
        (b"%PDF-1.7 ...", "C:\\Users\\x\\证明.exe", "证明.pdf", "application/pdf"),
        (b"\xff\xd8\xff\xe0", "photo.PNG", "photo.jpg", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", 'a"<b>|?*.png', "ab.png", "image/png"),
        (archive(word__document=b"x"), "说明.zip", "说明.docx", "application/vnd.openxmlformats"),
        (archive(xl__workbook=b"x"), "", "file.xlsx", "application/vnd.openxmlformats"),
    ],
)
def test_the_content_decides_the_type_and_the_name_is_cleaned(
    session, now, storage, draft, content, name, kept_as, content_type
):
    stored = attachments.store(
        session,
        storage,
        draft[0],
        io.BytesIO(content),
        name,
        subject_type="listing",
        subject_id=1,
        purpose="x",
        now=now,
    )
    assert stored.filename == kept_as and stored.content_type.startswith(content_type)
    assert storage.path(stored.sha256).read_bytes() == content


BOMB = archive(word__document=b"0" * 30_000_000)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空文件"),
        (b"MZ\x90 program", "不是可接受的文件类型"),
        (b"<html>", "不是可接受的文件类型"),
        (archive(evil=b"x"), "不是可接受的文件类型"),
        (b"PK\x03\x04 broken", "已损坏"),
        (BOMB, "压缩炸弹"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_reason(content, said):
    with pytest.raises(Invalid) as refused:
        attachments.sniff(content, "报告.pdf", "evidence")
    (sentence,) = refused.value.problems["evidence"]
    assert said in sentence and "报告.pdf" in sentence


def test_a_file_beyond_the_limit_is_refused():
    with pytest.raises(TooLarge, match="20 MB"):
        attachments.sniff(b"%PDF-" + b"0" * LARGEST, "大.pdf")


def test_a_draft_takes_ten_files_and_not_one_more(session, now, storage, draft):
    author, revision = draft
    uploads = [(io.BytesIO(b"%PDF-" + bytes([n])), f"{n}.pdf") for n in range(11)]
    with pytest.raises(Invalid):
        attaching.add(session, author, storage, revision, uploads, now=now)
    assert session.scalar(select(func.count(Attachment.id))) == 0
    attaching.add(session, author, storage, revision, uploads[:10], now=now)
    assert len(attaching.of_draft(session, revision)) == 10
    attaching.remove(session, author, revision, attaching.of_draft(session, revision)[0].public_id, now=now)
    assert len(attaching.of_draft(session, revision)) == 9
    with pytest.raises(NotFound):
        attaching.remove(session, author, revision, "no such file", now=now)


def test_the_public_may_have_the_files_of_what_is_published(session, now, storage, draft):
    author, revision = draft
    attaching.add(session, author, storage, revision, [(io.BytesIO(b"%PDF-"), "a.pdf")], now=now)
    (file,) = attaching.of_draft(session, revision)
    stranger = factories.actor_of(session, factories.user(session, now=now).id, now)
    for somebody in (VISITOR, stranger):
        with pytest.raises(NotFound):
            reading.attachment(session, somebody, file.public_id)
    assert reading.attachment(session, author, file.public_id) is file
    operator = factories.operator(session, now=now)
    drafts.submit(session, author, revision.id, version=revision.version, now=now)
    publication.accept(session, operator, revision.id, version=revision.version, now=now)
    assert reading.attachment(session, VISITOR, file.public_id) is file


def test_a_file_taken_out_of_the_next_revision_stays_with_the_published_one(session, now, storage, draft):
    author, revision = draft
    attaching.add(session, author, storage, revision, [(io.BytesIO(b"%PDF-"), "a.pdf")], now=now)
    drafts.submit(session, author, revision.id, version=revision.version, now=now)
    operator = factories.operator(session, now=now)
    publication.accept(session, operator, revision.id, version=revision.version, now=now)
    following = drafts.edit(session, author, revision.listing.number, now=now)
    (file,) = attaching.of_draft(session, following)
    attaching.remove(session, author, following, file.public_id, now=now)
    assert [f.id for f in attaching.of_draft(session, revision)] == [file.id]
    assert reading.attachment(session, VISITOR, file.public_id) is file
