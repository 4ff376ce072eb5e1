"""An SMTP server that keeps each message as a file, and says so a while later, on Debian's aiosmtpd.

usage: slow_server.py FOLDER SECONDS PORT
"""

import asyncio
import pathlib
import signal
import sys
import uuid

from aiosmtpd.controller import Controller

folder, seconds, port = sys.argv[1:]
box = pathlib.Path(folder)
box.mkdir(parents=True, exist_ok=True)


class Keep:
    async def handle_DATA(self, server, session, envelope):
        (box / str(uuid.uuid4())).write_bytes(envelope.original_content)
        await asyncio.sleep(float(seconds))
        return "250 kept"


controller = Controller(Keep(), hostname="127.0.0.1", port=int(port))
controller.start()
signal.sigwait([signal.SIGTERM, signal.SIGINT])
controller.stop(no_assert=True)
