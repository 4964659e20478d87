"""Stand-ins for the world outside: a server that answers like WeCom, DingTalk and Feishu, and a mail server.

They listen on 127.0.0.1 and behave as told: say yes, say no, hang up after taking the message, never answer.
"""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Platform:
    """The three platforms behind one address. ``mood``: yes, no, slower, busy, hangs_up, garbage."""

    address: str = ""
    mood: str = "yes"
    got: list[tuple[str, dict[str, list[str]], dict[str, Any]]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [
            (body.get("text") or body["content"]).get("content") or body["content"]["text"] for _, _, body in self.got
        ]


@contextmanager
def platform() -> Iterator[Platform]:
    state = Platform()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            parts = urlsplit(self.path)
            state.got.append((parts.path, parse_qs(parts.query), body))
            if state.mood == "hangs_up":
                self.connection.close()
                return
            feishu = parts.path.startswith("/open-apis")
            code = {"yes": 0, "slower": 45009}.get(state.mood, 93000)
            answer = {"code": code, "msg": ""} if feishu else {"errcode": code, "errmsg": ""}
            data = b"<html>" if state.mood == "garbage" else json.dumps(answer).encode()
            self.send_response(503 if state.mood == "busy" else 200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (OSError, ValueError):
                # The connection that a mood has closed.
                self.close_connection = True

        def finish(self) -> None:
            with suppress(OSError, ValueError):
                super().finish()

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        state.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Post:
    """A mail server. ``mood``: yes, refuses (550), later (450), hangs_up (after the letter was taken)."""

    port: int = 0
    mood: str = "yes"
    letters: list[str] = field(default_factory=list)


@contextmanager
def post() -> Iterator[Post]:
    state = Post()

    class Talk(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 stand-in")
            while line := self.rfile.readline().decode().strip():
                word = line.upper()
                if word.startswith("RCPT") and state.mood in ("refuses", "later"):
                    self.say("550 no such user" if state.mood == "refuses" else "450 try again later")
                elif word == "DATA":
                    self.say("354 go on")
                    letter = []
                    while (part := self.rfile.readline().decode()) != ".\r\n":
                        letter.append(part)
                    state.letters.append("".join(letter))
                    if state.mood == "hangs_up":
                        return
                    self.say("250 taken")
                elif word == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Talk) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        state.port = server.server_address[1]
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
