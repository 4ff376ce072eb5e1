"""A strict stand-in for GOV.UK Notify, from its public documentation: tokens, clock, fields, limits, statuses, and faults on demand.

usage: notify_stub.py FOLDER SERVICE_ID SECRET EMAIL_TEMPLATE,SMS_TEMPLATE,LETTER_TEMPLATE CLOCK_OFFSET_SECONDS

Prints its port. Each request to send takes the first line of FOLDER/faults: a status to answer with, `accept 500`, `accept close`,
`accept hang` (it takes the message and then answers so, or not at all), or `close`. What it took is in FOLDER/accepted, a line each; what it
answered in FOLDER/answers.
"""

import base64
import collections
import email.utils
import hashlib
import hmac
import http.server
import json
import pathlib
import re
import sys
import threading
import time
import urllib.parse
import uuid

folder, service, secret, templates, offset = sys.argv[1:]
templates = dict(zip(("email", "sms", "letter"), templates.split(",")))
folder = pathlib.Path(folder)
folder.mkdir(parents=True, exist_ok=True)
lock = threading.Lock()
accepted = []
recent = collections.deque()


def clock():
    return time.time() + float(offset)


def unpadded(text):
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text), "base64url"
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Fault(Exception):
    def __init__(self, status, error, message):
        self.status, self.error, self.message = status, error, message


def authorise(header):
    refused = Fault(403, "AuthError", "Invalid token: signature, API token not found")
    if not header or not header.startswith("Bearer "):
        raise Fault(401, "AuthError", "Unauthorized, authentication token must be provided")
    try:
        head, claims, signature = header[7:].split(".")
        if json.loads(unpadded(head)) != {"typ": "JWT", "alg": "HS256"}:
            raise refused
        claimed = json.loads(unpadded(claims))
        wanted = hmac.new(secret.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(wanted, unpadded(signature)):
            raise refused
    except (ValueError, AssertionError):
        raise refused
    if set(claimed) != {"iss", "iat"} or claimed["iss"] != service or type(claimed["iat"]) is not int:
        raise refused
    if abs(claimed["iat"] - clock()) > 30:
        raise Fault(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds")


def check(kind, body):
    def bad(message):
        raise Fault(400, "ValidationError", message)

    known = {"template_id", "personalisation", "reference"}
    known |= {"email": {"email_address", "email_reply_to_id"}, "sms": {"phone_number", "sms_sender_id"}, "letter": set()}[kind]
    values = body.get("personalisation", {})
    if extra := set(body) - known:
        bad(f"Additional properties are not allowed ({extra})")
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", body.get("email_address", "")):
        bad("email_address Not a valid email address")
    if kind == "sms":
        if not re.fullmatch(r"(\+44|0)7[0-9]{9}", body.get("phone_number", "")):
            bad("phone_number Not a UK mobile number")
        if len(values.get("body", "")) > 918:
            raise Fault(400, "BadRequestError", "Content for template has a character count greater than the limit of 918")
    if kind == "letter":
        lines = [values[f"address_line_{n}"] for n in range(1, 8) if values.get(f"address_line_{n}")]
        if len(lines) < 3:
            bad("Address must be at least 3 lines")
        if not re.fullmatch(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}", lines[-1]):
            bad("Last line of address must be a real UK postcode or another country")
    if body.get("template_id") != templates[kind]:
        raise Fault(400, "BadRequestError", "Template not found")
    missing = ({"body"} if kind == "sms" else {"subject", "body"}) - set(values)
    if missing:
        raise Fault(400, "BadRequestError", f"Missing personalisation: {', '.join(sorted(missing))}")
    if not all(isinstance(value, str) for value in body["personalisation"].values()):
        bad("personalisation is not valid")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(clock(), usegmt=True)

    def answer(self, status, document):
        text = json.dumps(document).encode()
        with lock, open(folder / "answers", "a") as file:
            file.write(f"{self.command} {status}\n")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def refuse(self, fault):
        error = {"error": fault.error, "message": fault.message}
        self.answer(fault.status, {"status_code": fault.status, "errors": [error]})

    def do_GET(self):
        try:
            authorise(self.headers["Authorization"])
            url = urllib.parse.urlparse(self.path)
            if url.path != "/v2/notifications":
                raise Fault(404, "NoResultFound", "No result found")
            reference = urllib.parse.parse_qs(url.query)["reference"][0]
            found = [message for message in accepted if message["reference"] == reference]
            self.answer(200, {"notifications": found, "links": {"current": self.path}})
        except Fault as fault:
            self.refuse(fault)

    def do_POST(self):
        try:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            authorise(self.headers["Authorization"])
            kind = self.path.removeprefix("/v2/notifications/")
            if kind not in templates or self.headers["Content-Type"] != "application/json":
                raise Fault(404, "NoResultFound", "No result found")
            with lock:
                now = time.time()
                while recent and recent[0] < now - 60:
                    recent.popleft()
                recent.append(now)
                if len(recent) > 3000:
                    raise Fault(429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds")
                fault = next_fault()
            body = json.loads(body)
            check(kind, body)
            if fault == "close":
                self.close_connection = True
                return
            if fault and not fault.startswith("accept"):
                names = {"400": "BadRequestError", "403": "AuthError", "429": "TooManyRequestsError", "500": "Exception"}
                raise Fault(int(fault), names[fault], "as asked")
            message = {
                "id": str(uuid.uuid4()), "reference": body.get("reference"), "to": body.get("email_address") or body.get("phone_number"),
                "type": kind, "status": "created", "personalisation": body["personalisation"],
                "body": body["personalisation"]["body"],
                "subject": body["personalisation"].get("subject"),
            }
            with lock, open(folder / "accepted", "a") as file:
                accepted.append(message)
                file.write(json.dumps(message) + "\n")
            if fault == "accept 500":
                raise Fault(500, "Exception", "Internal server error")
            if fault == "accept hang":
                time.sleep(45)
            if fault:
                self.close_connection = True
                return
            self.answer(201, {"id": message["id"], "reference": message["reference"]})
        except Fault as fault:
            self.refuse(fault)


def next_fault():
    path = folder / "faults"
    lines = path.read_text().splitlines() if path.exists() else []
    path.write_text("\n".join(lines[1:]))
    return lines[0] if lines else ""


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
