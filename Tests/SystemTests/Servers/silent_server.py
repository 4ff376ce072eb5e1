"""A strict SMTP server that takes every message whole, and says so but to some: on Debian's aiosmtpd.

The first time that it has a message for hang-...@ it never answers, and for drop-...@ it ends the connection. The second copy of
that message it takes like any other. Each is kept as a file. What breaks the rules of mail is refused for good.

usage: silent_server.py FOLDER PORT
"""

import asyncio
import email
import email.policy
import pathlib
import signal
import sys
import uuid

from aiosmtpd.controller import Controller

folder, port = sys.argv[1:]
box = pathlib.Path(folder)
box.mkdir(parents=True, exist_ok=True)
seen = set()


def fault(envelope):
    content = envelope.original_content
    if len(envelope.rcpt_tos) != 1:
        return "one recipient"
    if b"\n" in content.replace(b"\r\n", b"") or b"\r" in content.replace(b"\r\n", b""):
        return "lines end with CR LF (RFC 5321, 2.3.8)"
    if max(len(line) for line in content.split(b"\r\n")) > 998:
        return "lines of at most 998 octets (RFC 5322, 2.1.1)"
    message = email.message_from_bytes(content, policy=email.policy.default)
    for name in ("From", "To", "Date", "Message-ID", "Subject", "MIME-Version"):
        if len(message.get_all(name, [])) != 1:
            return f"one {name}"
    if [address.addr_spec for address in message["To"].addresses] != envelope.rcpt_tos:
        return "To is not who it goes to"
    return None


class Keep:
    async def handle_DATA(self, server, session, envelope):
        if why := fault(envelope):
            return f"554 {why}"
        (box / str(uuid.uuid4())).write_bytes(envelope.original_content)
        id = email.message_from_bytes(envelope.original_content)["Message-ID"]
        is_first = id not in seen
        seen.add(id)
        if is_first and envelope.rcpt_tos[0].startswith("hang-"):
            await asyncio.sleep(3600)
        if is_first and envelope.rcpt_tos[0].startswith("drop-"):
            server.transport.abort()
        return "250 kept"


controller = Controller(Keep(), hostname="127.0.0.1", port=int(port))
controller.start()
signal.sigwait([signal.SIGTERM, signal.SIGINT])
controller.stop(no_assert=True)
