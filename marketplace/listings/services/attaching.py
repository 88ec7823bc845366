"""Files of a draft. A file belongs to the listing; a revision names the ones it shows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

from sqlalchemy.orm import Session

from marketplace import attachments, audit
from marketplace.attachments import Attachment, Storage
from marketplace.errors import N_, Invalid, NotFound
from marketplace.listings.models import ListingRevision
from marketplace.permissions import Actor

MOST = 10
PURPOSE = "listing"


def add(
    session: Session,
    actor: Actor,
    storage: Storage,
    revision: ListingRevision,
    uploads: Sequence[tuple[BinaryIO, str]],
    *,
    now: datetime,
) -> None:
    """Keep uploads with a draft. Raises Invalid for a file that is refused or one too many."""
    content = revision.typed_content()
    if len(content.attachment_ids) + len(uploads) > MOST:
        raise Invalid({"files": [N_("最多 10 个文件，请先删去不需要的。")]})
    stored = [
        attachments.store(
            session,
            storage,
            actor,
            stream,
            filename,
            subject_type="listing",
            subject_id=revision.listing_id,
            purpose=PURPOSE,
            now=now,
            field="files",
        )
        for stream, filename in uploads
    ]
    _set(revision, (*content.attachment_ids, *(file.id for file in stored)))
    session.flush()


def remove(
    session: Session, actor: Actor, revision: ListingRevision, public_id: str, *, now: datetime
) -> None:
    """Take a file out of this draft; revisions made before keep it. Raises NotFound."""
    content = revision.typed_content()
    found = attachments.find(session, public_id)
    if found is None or found.id not in content.attachment_ids:
        raise NotFound
    _set(revision, tuple(i for i in content.attachment_ids if i != found.id))
    audit.record(session, actor, "attachment.remove", "revision", revision.id, now=now, file=found.id)
    session.flush()


def of_draft(session: Session, revision: ListingRevision) -> list[Attachment]:
    """The files this revision shows."""
    wanted = revision.typed_content().attachment_ids
    return [file for file in attachments.of(session, "listing", revision.listing_id) if file.id in wanted]


def _set(revision: ListingRevision, ids: tuple[int, ...]) -> None:
    revision.content = replace(revision.typed_content(), attachment_ids=ids).to_json()
