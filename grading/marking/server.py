"""The page on which one marks, served to this machine only: whoever has its address, token and all, may mark."""

import asyncio
import errno
import hmac
import json
import secrets
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from grading.course.files import only_one
from grading.marking.desk import MAX_NAME, Desk, Session
from grading.marking.journal import FOLDER, JournalError, MarkError
from grading.pages.markdown import code_style

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost", "[::1]")  # what browsers on this machine, or at the end of a tunnel, call it
PORT, PORTS = 8765, 20  # the first that is tried, and how many
MAX_MESSAGE = 2**20
FILES = {
    "": ("page.html", "text/html"),
    "page.css": ("page.css", "text/css"),
    "page.js": ("page.js", "text/javascript"),
}
# Nothing but our own files and pictures that are in the page. Styles within tags are students', and of nh3's few.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class _Guarded(RequestHandler):
    """Answers only who asks this machine by its own name, with the token."""

    def prepare(self) -> None:
        token = self.request.path.split("/")[1]
        if _host(self.request.host) not in NAMES:
            raise HTTPError(403)
        if not hmac.compare_digest(token.encode(), self.settings["token"].encode()):
            raise HTTPError(404)

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("Open the whole address that `gradus mark` has printed; a new start has a new one.\n")


class _Nothing(_Guarded):
    """What is not there."""

    async def get(self) -> None:
        raise HTTPError(404)


class _Page(_Guarded):
    """The files that make the page."""

    async def get(self, name: str) -> None:
        if name == "code.css":
            content, kind = code_style(), "text/css"
        elif name in FILES:
            file, kind = FILES[name]
            content = (Path(__file__).parent / "page" / file).read_text("utf-8")
        else:
            raise HTTPError(404)
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        await self.finish(content)


class _Socket(_Guarded, WebSocketHandler):
    """One page's connection: each message asks something, and is answered under its number."""

    session: Session | None = None

    def check_origin(self, origin: str) -> bool:
        """Whether the page that asks is ours."""
        found = urlsplit(origin)
        return found.scheme == "http" and found.netloc == self.request.host

    async def on_message(self, message: str | bytes) -> None:
        hub: Hub = self.settings["hub"]
        try:
            asked = json.loads(message)
            number, what = int(asked.pop("n")), str(asked.pop("do"))
            answer = await hub.answer(self, what, asked)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError):
            answer, number = {"is": "refused", "says": "This page is of another version: load it again."}, -1
        except JournalError as error:
            answer = {"is": "refused", "says": str(error)}
        await self.tell(answer | {"n": number})

    async def tell(self, content: dict[str, Any]) -> None:
        """Send a message, if anybody is there."""
        with suppress(WebSocketClosedError):
            await self.write_message(json.dumps(content))

    def on_close(self) -> None:
        self.settings["hub"].closed(self)


class Hub:
    """All open pages. What they ask is answered one by one, in a thread of its own."""

    def __init__(self, desk: Desk, grader: str):
        self._desk, self._grader = desk, grader
        self._sockets: dict[str, _Socket] = {}
        self._thread = ThreadPoolExecutor(1)
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, socket: _Socket, what: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one message. Raises JournalError, and TypeError and the like for what is no question."""
        desk = self._desk
        if what == "hello":
            return await self._welcome(socket, **asked)
        session = socket.session
        if session is None:
            raise ValueError("no hello")
        actions: dict[str, Callable[..., dict[str, Any]]] = {
            "next": desk.next,
            "beside": desk.beside,
            "save": desk.save,
            "undo": desk.undo,
            "question": desk.question,
        }
        answer: dict[str, Any] = await self._do(lambda: actions[what](session, **asked))
        if what != "question":
            await self.tell_all()
        return answer

    async def tell_all(self) -> None:
        """Tell all pages how far everything is."""
        state = await self._do(self._desk.state)
        await asyncio.gather(*(socket.tell(state) for socket in list(self._sockets.values())))

    def closed(self, socket: _Socket) -> None:
        """Let go of what a page had open that is closed now."""
        session = socket.session
        if session and self._sockets.get(session.id) is socket:
            del self._sockets[session.id]
            task = asyncio.ensure_future(self._left(session))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Do what is still to be done, and close the gradebook."""
        await self._do(self._desk.books.close)
        self._thread.shutdown()

    async def _left(self, session: Session) -> None:
        await self._do(lambda: self._desk.leave(session))
        await self.tell_all()

    async def _welcome(self, socket: _Socket, page: str, by: str = "", open: str = "") -> dict[str, Any]:
        by = " ".join(str(by).split())[:MAX_NAME] or self._grader
        socket.session = await self._do(lambda: self._desk.come(str(page)[:MAX_NAME], by, str(open)))
        self._sockets[socket.session.id] = socket
        state: dict[str, Any] = await self._do(self._desk.state)
        return state | {"is": "welcome", "stage": self._desk.stage, "by": by}

    async def _do(self, what: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, what)


async def serve(
    desk: Desk, grader: str, port: int | None, ready: Callable[[str], None], until: asyncio.Event | None = None
) -> None:
    """Serve the page. ready: hears its address. port: this one and no other. Raises MarkError if it cannot be had."""
    sockets = _sockets(port)
    token, hub = secrets.token_urlsafe(18), Hub(desk, grader)
    application = Application(
        [(r"/[^/]+/ws", _Socket), (r"/[^/]+/(|page\.css|page\.js|code\.css)", _Page)],
        default_handler_class=_Nothing,
        token=token,
        hub=hub,
        log_function=lambda handler: None,
        websocket_ping_interval=20,
        websocket_max_message_size=MAX_MESSAGE,
    )
    server = HTTPServer(application)
    server.add_sockets(sockets)
    chosen = sockets[0].getsockname()[1]
    with _only_one(desk, chosen):
        ready(f"http://{LOOPBACK}:{chosen}/{token}/")
        await (until or asyncio.Event()).wait()
    server.stop()
    await server.close_all_connections()
    await hub.close()


def _sockets(port: int | None) -> list[socket.socket]:
    """Return sockets at a port of this machine that is free."""
    for one in [port] if port is not None else [*range(PORT, PORT + PORTS), 0]:
        try:
            return bind_sockets(one, LOOPBACK)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise MarkError(f"Port {port} cannot be had: leave --port out, and one that is free is taken.")


@contextmanager
def _only_one(desk: Desk, port: int) -> Iterator[None]:
    """Hold a lock: pages of two servers would not know what is open in the other's. Raises MarkError."""

    def refusal(taken: str) -> MarkError:
        return MarkError(
            f"{desk.stage} is being marked already, by a `gradus mark` at port {taken}: open the address that it has "
            "printed; any number of browsers may."
        )

    with only_one(desk.course / FOLDER / f".{desk.stage}.lock", refusal) as lock:
        lock.write(f"{port}\n")
        lock.flush()
        yield


def _host(header: str) -> str:
    """Return the name in a Host header, without its port."""
    return header.rsplit(":", 1)[0] if header.rpartition(":")[2].isdigit() else header
