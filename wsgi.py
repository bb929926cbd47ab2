"""The application object, for servers and for `flask`."""

from __future__ import annotations

import sys

from app.core.migrating import SchemaError
from app.factory import create_app
from config import ConfigurationError

try:
    app = create_app()
except (ConfigurationError, SchemaError) as error:
    sys.exit(f"Guildhall does not start: {error}")
