"""An SMTP server that asks for STARTTLS and a login, on Debian's aiosmtpd. Prints its port; keeps each message as a file.

usage: mail_server.py FOLDER CERTIFICATE KEY USER PASSWORD
"""

import pathlib
import signal
import socket
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

folder, certificate, key, user, password = sys.argv[1:]
box = pathlib.Path(folder)
box.mkdir(parents=True, exist_ok=True)
sessions = {}


class Keep:
    async def handle_DATA(self, server, session, envelope):
        assert session.ssl and session.authenticated
        sessions.setdefault(id(session), session)
        name = f"{len(list(box.iterdir())):05d}.{len(sessions)}"
        (box / name).write_bytes(envelope.original_content)
        return "250 kept"


def check(server, session, envelope, mechanism, data):
    good = data.login == user.encode() and data.password == password.encode()
    # Unhandled, the server itself says no.
    return AuthResult(success=good, handled=good)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
controller = Controller(
    Keep(), hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True, auth_required=True,
    authenticator=check,
)
# The controller looks for its server on the port that it was given: with 0 the socket must be known first.
probe = socket.socket()
probe.bind(("127.0.0.1", 0))
controller.port = probe.getsockname()[1]
probe.close()
controller.start()
print(controller.port, flush=True)
signal.sigwait([signal.SIGTERM, signal.SIGINT])
controller.stop()
