"""A mail server that takes everything: `python -m bench.sink` prints its port, and at the end what it took."""

import asyncio
import json
import os
import signal
import time


async def main() -> None:
    """Take mails until told to stop; then print how many came, and when the first and the last did."""
    taken: list[float] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                taken.append(time.monotonic())
            if word == b"EHLO":
                writer.write(b"250-sink\r\n250-SIZE 33554432\r\n250 PIPELINING\r\n")
            else:
                writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=2**22)
    print(server.sockets[0].getsockname()[1], flush=True)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    await over.wait()
    print(json.dumps({"count": len(taken), "seconds": taken[-1] - taken[0] if taken else 0.0}), flush=True)
    os._exit(0)  # whoever still talks is not waited for


if __name__ == "__main__":
    asyncio.run(main())
