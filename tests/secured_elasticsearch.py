"""An Elasticsearch server behind HTTPS and passwords, with the role that docs/operations-search.md recommends."""

import base64
import shutil
import ssl
import subprocess
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.servers import Elasticsearch, missing

# The index is only named at the end of a test run's setup: every test's index begins like this.
_ROLES = """
market:
  indices:
    - names: ["test_*"]
      privileges: ["manage", "read", "write"]
"""


class SecuredElasticsearch(Elasticsearch):
    """One node with users from a file and a certificate made for it."""

    #: Name → password and role.
    USERS: Mapping[str, tuple[str, str]] = {
        "market": ("correct horse", "market"),
        "stranger": ("battery staple", "monitoring_user"),
        "keeper": ("staple correct", "superuser"),
    }

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of all nodes."""
        return tuple(f"https://127.0.0.1:{http}" for http, _ in self.ports)

    @property
    def ca_file(self) -> Path:
        """The certificate that clients must trust."""
        return self.config(0) / "http.crt"

    def prepare(self) -> None:
        """Make the certificate, the role and the users."""
        make_certificate(self.config(0) / "http.key", self.ca_file)
        (self.config(0) / "roles.yml").write_text(_ROLES, encoding="utf-8")
        for name, (password, role) in self.USERS.items():
            command = [self.program / "bin" / "elasticsearch-users", "useradd", name]
            command += ["-p", password, "-r", role]
            subprocess.run(command, check=True, env=self.environment(0), capture_output=True, cwd="/")

    def settings(self, number: int) -> dict[str, object]:
        """The settings of one node."""
        return super().settings(number) | {
            "xpack.security.enabled": "true",
            "xpack.security.http.ssl.enabled": "true",
            "xpack.security.http.ssl.key": "http.key",
            "xpack.security.http.ssl.certificate": "http.crt",
        }

    def ask(self, number: int, path: str) -> int | None:
        """The status that the node answers with to its keeper."""
        password, _role = self.USERS["keeper"]
        login = base64.b64encode(f"keeper:{password}".encode()).decode()
        request = urllib.request.Request(
            self.urls[number] + path, headers={"Authorization": f"Basic {login}"}
        )
        try:
            trusted = ssl.create_default_context(cafile=str(self.ca_file))
            with urllib.request.urlopen(request, timeout=6, context=trusted) as answer:
                return answer.status
        except OSError:
            return None


def make_certificate(key: Path, certificate: Path) -> None:
    """Make a key and a certificate of 127.0.0.1 that signs itself."""
    if shutil.which("openssl") is None:
        missing("openssl is not installed; apt-get install openssl brings it")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
