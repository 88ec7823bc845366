"""The WSGI entry point: `waitress-serve wsgi:app`, and the application `flask` finds by itself."""

import os
import sys

from marketplace.app import create_app, create_server
from marketplace.config import ConfigurationError

# Flask tells its commands apart by this variable: most of them never search.
_COMMAND = os.environ.get("FLASK_RUN_FROM_CLI") == "true"

try:
    app = create_app() if _COMMAND else create_server()
except ConfigurationError as error:
    sys.exit(f"configuration: {error}")
