# SPDX-License-Identifier: Apache-2.0
"""A proxy between a server and its database or its store that does harm as it is told, and counts what passes."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

Value = TypeVar("Value")
BLOCK = 1 << 16
LENGTH = re.compile(rb"^content-length: *(\d+)", re.MULTILINE | re.IGNORECASE)


class Effect(Enum):
    """What becomes of a connection."""

    #: Requests of HTTP are answered with an error in the place of the store's answer.
    REFUSE = "refuse"
    #: It stays open, and nothing passes any more.
    STALL = "stall"
    #: Both ends are reset.
    CUT = "cut"
    #: What the client sent gets through; what the engine answers does not, and the connection is reset.
    LOSE_ANSWER = "lose the answer"
    #: One bit arrives changed.
    CORRUPT = "corrupt"


@dataclass(frozen=True)
class Fault:
    """Harm to the connections for which every condition holds."""

    effect: Effect
    #: The client has sent this.
    text: bytes = b""
    #: So many bytes have come from the client.
    sent: int = 0
    #: So many bytes have come from the engine.
    received: int = 0
    #: How many connections (with `REFUSE`: requests) are harmed; then all is well again.
    times: int = 1 << 30
    #: The status of `REFUSE`.
    status: int = 503


class FaultProxy:
    """Forwards connections; `harm` ends those that there are, and lets the fault happen to the ones to come."""

    def __init__(self, target: str) -> None:
        self.target = target.split(":")
        self.address = ""
        self.harmed = 0
        self.bytes_from_client = 0
        self.bytes_from_engine = 0
        self.fault: Fault | None = None
        self.connections: set[_Connection] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> FaultProxy:
        self.thread.start()
        self.server = self._run(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.server.close()
        self._run(self._change(None))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=10)
        self.loop.close()

    def harm(self, fault: Fault) -> None:
        """Begins to do harm."""
        self._run(self._change(fault))

    def heal(self) -> None:
        """Ends what is harmed, and lets everything pass."""
        self._run(self._change(None))

    def _run(self, work: Coroutine[object, object, Value]) -> Value:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=30)

    async def _change(self, fault: Fault | None) -> None:
        self.fault = fault
        self.harmed = 0
        connections = list(self.connections)
        for connection in connections:
            connection.reset()
        await asyncio.gather(*(connection.ended.wait() for connection in connections))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, reader, writer)
        self.connections.add(connection)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)
            connection.ended.set()

    def take_turn(self, fault: Fault) -> bool:
        """Whether one more connection may be harmed; counts it."""
        if self.fault is not fault or self.harmed >= fault.times:
            return False
        self.harmed += 1
        return True


class _Connection:
    """One connection of a client, and the one to the engine that belongs to it."""

    def __init__(self, proxy: FaultProxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.proxy = proxy
        self.reader = reader
        self.writers = [writer]
        self.ended = asyncio.Event()
        self.stalled = False
        # The answer to what was sent last is to be lost.
        self.loses_answer = False
        self.sent = b""
        self.sent_count = 0
        self.received_count = 0
        self.task = asyncio.current_task()

    def reset(self) -> None:
        """Ends it without a farewell."""
        for writer in self.writers:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        if self.task:
            self.task.cancel()

    async def run(self) -> None:
        try:
            fault = self.proxy.fault
            if fault and fault.effect is Effect.REFUSE and self.proxy.harmed < fault.times:
                await self._refuse(fault)
            else:
                await self._forward()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            for writer in self.writers:
                writer.transport.abort()

    async def _forward(self) -> None:
        host, port = self.proxy.target
        reader, writer = await asyncio.open_connection(host, int(port))
        self.writers.append(writer)
        await asyncio.gather(
            self._pump(self.reader, writer, from_client=True), self._pump(reader, self.writers[0], from_client=False)
        )

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, from_client: bool) -> None:
        while data := await reader.read(BLOCK):
            self._count(data, from_client)
            match self._due_effect():
                case Effect.CUT:
                    return self.reset()
                case Effect.STALL:
                    self.stalled = True
                case Effect.LOSE_ANSWER:
                    self.loses_answer = True
                case Effect.CORRUPT:
                    data = data[:-1] + bytes([data[-1] ^ 1])
            if self.loses_answer and not from_client:
                return self.reset()
            if self.stalled:
                await asyncio.Event().wait()
            writer.write(data)
            await writer.drain()
        writer.write_eof()

    def _count(self, data: bytes, from_client: bool) -> None:
        if from_client:
            self.sent = self.sent[-100:] + data
            self.sent_count += len(data)
            self.proxy.bytes_from_client += len(data)
        else:
            self.received_count += len(data)
            self.proxy.bytes_from_engine += len(data)

    def _due_effect(self) -> Effect | None:
        fault = self.proxy.fault
        if fault is None or fault.effect is Effect.REFUSE or self.stalled or self.loses_answer:
            return None
        holds = fault.text in self.sent and self.sent_count >= fault.sent and self.received_count >= fault.received
        return fault.effect if holds and self.proxy.take_turn(fault) else None

    async def _refuse(self, fault: Fault) -> None:
        """Reads requests and answers them, until the connection or the harm has its end."""
        body = b"<Error><Code>%s</Code></Error>" % (b"InternalError" if fault.status == 500 else b"SlowDown")
        head = b"HTTP/1.1 %d Fault\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        request = await self.reader.readuntil(b"\r\n\r\n")
        if length := LENGTH.search(request):
            await self.reader.readexactly(int(length[1]))
        self.proxy.take_turn(fault)
        self.writers[0].write(head % (fault.status, len(body)) + body)
        self.writers[0].write_eof()
        await self.writers[0].drain()
        await self.reader.read()
