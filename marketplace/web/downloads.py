"""The one way a stored file leaves: after the permission check, logged, as a download, never shown in place."""

from flask import Response, send_file

from marketplace.attachments import Attachment, Storage


def download(storage: Storage, attachment: Attachment) -> Response:
    """The file as a download, with the content type found in its content."""
    response = send_file(
        storage.path(attachment.sha256),
        mimetype=attachment.content_type,
        as_attachment=True,
        download_name=attachment.filename,
        conditional=True,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
