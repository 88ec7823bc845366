"""A relay in front of a server that can hold back every answer, as a network or an overloaded machine does."""

import socket
import threading
from contextlib import suppress


class StallingRelay:
    """Forwards TCP connections to a port of this machine. `requests` counts what clients have sent."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._flowing = threading.Event()
        self._flowing.set()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.requests = 0
        self._run(self._accept)

    @property
    def url(self) -> str:
        """The address to ask instead of the server's."""
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def stall(self) -> None:
        """Take requests, but pass no answer on."""
        self._flowing.clear()

    def flow(self) -> None:
        """Pass on what was held back, and everything from now on."""
        self._flowing.set()

    def close(self) -> None:
        """Close every connection and end the threads."""
        self._flowing.set()
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        for end in (self._door, *self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection(self._target)
                self._open += [client, server]
                self._run(self._forward, client, server)
                self._run(self._answer, server, client)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                self.requests += 1
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65_536):
                self._flowing.wait()
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)

    def _run(self, work, *arguments) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()
