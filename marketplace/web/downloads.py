"""The one way a file leaves, stored or made: after the permission check, as a download, never shown in place."""

import io

from flask import Response, send_file

from marketplace import exporting
from marketplace.attachments import Attachment, Storage

#: Kinds of exported files → content type and what makes them.
EXPORTS = {
    "csv": ("text/csv", lambda table: b"".join(exporting.as_csv(table))),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        exporting.as_xlsx,
    ),
}


def download(storage: Storage, attachment: Attachment) -> Response:
    """The file as a download, with the content type found in its content."""
    response = send_file(
        storage.path(attachment.sha256),
        mimetype=attachment.content_type,
        as_attachment=True,
        download_name=attachment.filename,
        conditional=True,
    )
    return _kept_private(response)


def export(table: exporting.Table, ending: str, name: str) -> Response:
    """A table as a file with this ending (a key of EXPORTS)."""
    content_type, make = EXPORTS[ending]
    file = io.BytesIO(make(table))
    response = send_file(file, mimetype=content_type, as_attachment=True, download_name=f"{name}.{ending}")
    return _kept_private(response)


def _kept_private(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
