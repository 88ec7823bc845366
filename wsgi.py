"""The WSGI entry point: `waitress-serve wsgi:app`, and the application `flask` finds by itself."""

import sys

from marketplace.app import create_app
from marketplace.config import ConfigurationError

try:
    app = create_app()
except ConfigurationError as error:
    sys.exit(f"configuration: {error}")
