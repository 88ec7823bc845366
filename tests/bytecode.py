"""Templates compiled once per test process: every test has an application of its own, but the same templates."""

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class SharedBytecode(BytecodeCache):
    """Compiled templates by name and content, for applications with the same filters and globals.

    It lives in memory, so that no later run of changed code meets an old compilation.
    """

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket of a template that has been compiled with this very content."""
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what has just been compiled."""
        self._compiled[bucket.key, bucket.checksum] = bucket.code
