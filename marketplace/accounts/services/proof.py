"""The one file that proves who an organisation is: kept the same way for verification and for a change."""

from datetime import datetime
from typing import BinaryIO

from sqlalchemy.orm import Session

from marketplace import attachments
from marketplace.accounts.models import Organisation
from marketplace.attachments import Attachment, Storage
from marketplace.errors import Invalid, TooLarge
from marketplace.permissions import Actor

_FIELD = "evidence"


def store(
    session: Session,
    storage: Storage,
    actor: Actor,
    organisation: Organisation,
    upload: BinaryIO | None,
    filename: str,
    *,
    purpose: str,
    missing: str,
    now: datetime,
) -> Attachment:
    """Keep an upload. Raises Invalid with the sentence `missing` without one, else with what is wrong with it."""
    if upload is None or not filename:
        raise Invalid({_FIELD: [missing]})
    try:
        return attachments.store(
            session,
            storage,
            actor,
            upload,
            filename,
            subject_type="organisation",
            subject_id=organisation.id,
            purpose=purpose,
            now=now,
            field=_FIELD,
        )
    except TooLarge as refused:
        raise Invalid({_FIELD: [str(refused)]}) from refused
