"""`make run`: web server and worker together, for trying the market out on one machine.

Pages answer at once; on the first start a process beside them loads the demonstration market (or, with
`--real`, the real listings). Ctrl-C ends everything.
"""

import signal
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from waitress import create_server

from marketplace.app import create_app
from marketplace.config import ROOT, ConfigurationError
from marketplace.extensions import db
from marketplace.migrations import run as migrations
from marketplace.portal import demo
from search import tokenizer

_MAPS = ROOT / "seed_data" / "import_maps"
_REAL = (
    ("achievement", "zhejiang_market_results.csv", "zhejiang_market_results.yaml"),
    ("demand", "zhejiang_market_needs.csv", "zhejiang_market_needs.yaml"),
)


def main(arguments: list[str]) -> None:
    """Migrate, start everything, serve until stopped."""
    try:
        app = create_app()
    except ConfigurationError as error:
        sys.exit(f"configuration: {error}")
    settings = app.extensions["settings"]
    migrations.upgrade(settings.database_url)
    server = _server(app)
    children = [_flask("worker")]
    loader = threading.Thread(target=_load, args=(app, "--real" in arguments, children), daemon=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"open {settings.base_url}", flush=True)
    loader.start()
    # Beside the server, so that the first page need not wait for what only the first search needs.
    threading.Thread(target=tokenizer.warm_up, daemon=True).start()
    try:
        server.run()
    finally:
        for child in children:
            child.terminate()


def _server(app: Flask):
    """A server on the address of MARKETPLACE_BASE_URL; ends with a sentence when it is taken."""
    address = urlsplit(app.extensions["settings"].base_url)
    host, port = address.hostname or "127.0.0.1", address.port or 80
    try:
        return create_server(app, host=host, port=port, threads=8, ident="market")
    except OSError as error:
        sys.exit(
            f"{host}:{port} cannot be used ({error.strerror}); set MARKETPLACE_BASE_URL to another address, "
            "for example http://127.0.0.1:5001"
        )


def _load(app: Flask, real: bool, children: list[subprocess.Popen]) -> None:
    """Fill an empty market beside the running server, then say who can log in."""
    done = app.extensions["settings"].home / ".loaded"
    if done.exists():
        for line in demo.accounts():
            print(line, flush=True)
        with app.app_context():
            app.extensions["lexicon"].refresh(db.session, at_once=True)
        if app.extensions["search"].needs_rebuild:  # after an upgrade that changed the index
            _flask("index", "rebuild").wait()
        return
    for command in _commands(app, real):  # the first of them prints the accounts, too
        child = _flask(*command)
        children.append(child)
        child.wait()
    done.touch()


def _commands(app: Flask, real: bool) -> list[tuple[str, ...]]:
    commands: list[tuple[str, ...]] = [("demo", "load")]
    if real:
        folder: Path = app.extensions["settings"].benchmark / "listings"
        commands += [
            ("listings", "import", kind, str(folder / file), "--map", str(_MAPS / mapping), "--publish")
            for kind, file, mapping in _REAL
        ]
    return commands


def _flask(*arguments: str) -> subprocess.Popen:
    return subprocess.Popen([str(Path(sys.executable).parent / "flask"), *arguments], cwd=ROOT)


if __name__ == "__main__":
    main(sys.argv[1:])
