"""A relay between agents and coordinator whose network goes bad on demand: a thread with an event
loop of its own on loopback."""

import asyncio
import random
import threading


class Relay:
    """Listens on `port` (0: any) and passes bytes to `to_port`. cut(): every connection breaks in the
    middle of whatever it carries. slow(seconds): bytes come late, in small pieces. refuse: new
    connections are closed at once."""

    def __init__(self, to_port, seed):
        self.to_port = to_port
        self.chance = random.Random(seed)
        self.delay = 0.0
        self.refuse = False
        self.writers = set()
        self.carried = 0
        self.cuts = 0
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        self.ready.wait()

    def run(self):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.close()

    async def pass_on(self, reader, writer):
        try:
            while data := await reader.read(4096):
                if self.delay:
                    await asyncio.sleep(self.chance.random() * self.delay)
                writer.write(data)
                self.carried += len(data)
                await writer.drain()
            writer.write_eof()
        except OSError:
            writer.transport.abort()

    async def serve(self, reader, writer):
        if self.refuse:
            writer.transport.abort()
            return
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, to_writer}
        self.writers |= pair
        await asyncio.gather(self.pass_on(reader, to_writer), self.pass_on(to_reader, writer))
        for each in pair:
            each.close()
        self.writers -= pair

    def cut(self):
        def abort():
            self.cuts += len(self.writers) // 2
            for writer in list(self.writers):
                writer.transport.abort()
        self.loop.call_soon_threadsafe(abort)

    def slow(self, seconds):
        self.delay = seconds

    def close(self):
        self.cut()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=10)
