"""Signs in to the board in every way, and in every way that must fail. It is the issuer, too: OpenID Connect by another hand.

    sign_in.py BOARD_PORT ISSUER_PORT FILE_OF_THE_PROXY'S_KEY

Ends with 0 where all holds.
"""
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import sys
import threading
import time
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

board, own = int(sys.argv[1]), int(sys.argv[2])
proxy_key = open(sys.argv[3]).read().strip().encode()
issuer, origin = f"http://127.0.0.1:{own}", f"http://127.0.0.1:{board}"
rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ec_key = ec.generate_private_key(ec.SECP256R1())
strange_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value):
    return text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def keys():
    r, e = rsa_key.public_key().public_numbers(), ec_key.public_key().public_numbers()
    return {"keys": [
        {"kty": "RSA", "kid": "r", "use": "sig", "n": number(r.n), "e": number(r.e)},
        {"kty": "EC", "kid": "e", "crv": "P-256", "x": text(e.x.to_bytes(32, "big")), "y": text(e.y.to_bytes(32, "big"))},
        {"kty": "oct", "kid": "o", "k": text(b"secret")}]}


def token(algorithm="RS256", kid="r", key=None, **changes):
    claims = {"iss": issuer, "aud": "board", "sub": "ann", "exp": time.time() + 60, **changes}
    body = f"{text(json.dumps({'alg': algorithm, 'kid': kid}).encode())}.{text(json.dumps(claims).encode())}"
    if algorithm == "RS256":
        signature = (key or rsa_key).sign(body.encode(), padding.PKCS1v15(), hashes.SHA256())
    elif algorithm == "ES256":
        r, s = decode_dss_signature(ec_key.sign(body.encode(), ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    elif algorithm == "HS256":
        signature = hmac.digest(key or b"secret", body.encode(), "sha256")
    else:
        signature = b""
    return f"{body}.{text(signature)}"


class Issuer(http.server.BaseHTTPRequestHandler):
    codes = {}

    def log_message(self, *_):
        pass

    def answer(self, status, content=None, **headers):
        body = json.dumps(content or {}).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/keys":
            return self.answer(200, keys())
        self.answer(200, {"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token",
                          "jwks_uri": issuer + "/keys"})

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = Issuer.codes.pop(form["code"][0], None)
        challenge = text(hashlib.sha256(form["code_verifier"][0].encode()).digest())
        if not asked or asked["code_challenge"] != [challenge] or form["redirect_uri"] != asked["redirect_uri"]:
            return self.answer(400)
        self.answer(200, {"id_token": token(nonce=asked["nonce"][0])})


def ask(path, method="GET", host=None, cookies=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", board, timeout=20)
    fields = {"Host": host or f"127.0.0.1:{board}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if cookies:
        fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    connection.request(method, path, headers=fields)
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    answer.cookies = dict(line.split(";")[0].split("=", 1) for line in answer.headers.get_all("Set-Cookie") or [])
    return answer


def expect(answer, status, to=None):
    assert answer.status == status and (to is None or answer.headers["Location"] == to), (
        answer.status, answer.headers["Location"], answer.text)
    return answer


def begin():
    """Where the browser is sent, and what it takes along."""
    answer = expect(ask("/sign-in/start"), 303)
    place = urlsplit(answer.headers["Location"])
    asked = parse_qs(place.query)
    assert asked["code_challenge_method"] == ["S256"] and asked["redirect_uri"] == [origin + "/sign-in/back"]
    Issuer.codes["code"] = asked
    return asked["state"][0], answer.cookies


def by_the_issuer():
    state, cookies = begin()
    back = "/sign-in/back?" + urlencode({"code": "code", "state": state})
    expect(ask(back), 401)  # another browser
    expect(ask("/sign-in/back?" + urlencode({"code": "code", "state": "x"}), cookies=cookies), 401)
    signed_in = expect(ask(back, cookies=cookies), 303, "/")
    line = [text for text in signed_in.headers.get_all("Set-Cookie") if text.startswith("quorate=")][0]
    assert "HttpOnly" in line and "SameSite=Lax" in line, line
    session = {"quorate": signed_in.cookies["quorate"]}
    expect(ask(back, cookies=cookies), 502)  # a code is good once
    expect(ask("/", cookies=session), 303, "/authorities/E06000030")
    page = expect(ask("/authorities/E06000030", cookies=session), 200)
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"] and "script" not in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    expect(ask("/authorities/E08000011", cookies=session), 404)
    expect(ask("/authorities/*", cookies=session), 404)
    find = "/authorities/E06000030/find"
    expect(ask(find, "POST", cookies=session, Origin="https://elsewhere.example"), 401)
    expect(ask(find, "POST", cookies=session), 401)
    expect(ask(find, "POST", cookies=session, Origin=origin), 404)
    expect(ask("/sign-out", "POST", cookies=session, Origin="https://elsewhere.example"), 401)
    expect(ask("/authorities/E06000030", cookies=session), 200)
    expect(ask("/sign-out", "POST", cookies=session, Origin=origin), 303, "/sign-in")
    expect(ask("/authorities/E06000030", cookies=session), 303, "/sign-in")
    _, cookies = begin()
    del Issuer.codes["code"]
    expect(ask("/authorities/E06000030", cookies={"quorate": "guess"}), 303, "/sign-in")


def by_a_token():
    def bearer(made, status, path="/authorities/E06000030"):
        return expect(ask(path, Authorization="Bearer " + made), status)

    bearer(token(), 200)
    bearer(token("ES256", "e"), 200)
    bearer(token(aud=["other", "board"]), 200)
    bearer(token(sub="figures"), 200)
    bearer(token(sub="figures"), 403, "/authorities/E06000030/overdue")
    bearer(token(sub="nobody"), 404)
    bad = [
        token(aud="other"), token(iss="http://elsewhere.example"), token(exp=time.time() - 60), token(nbf=time.time() + 90),
        token(sub=""), token(key=strange_key), token("none"), token("HS256", "o"), token("HS256", "r", number(
            rsa_key.public_key().public_numbers().n).encode()), token("RS256", "e"), token("RS256", "unknown"), "x.y.z"]
    for made in bad:
        bearer(made, 401)
    head, body, signature = token().split(".")
    other = text(json.dumps({**json.loads(base64.urlsafe_b64decode(body + "==")), "sub": "root"}).encode())
    bearer(f"{head}.{other}.{signature}", 401)


def by_a_proxy():
    def signed(path, user="ann", at=None, key=proxy_key, to=None):
        seconds = str(int(at or time.time()))
        made = hmac.new(key, f"GET\n{path}\n{user}\n{seconds}".encode(), "sha256").hexdigest()
        return ask(to or path, X_Quorate_User=user, X_Quorate_Time=seconds, X_Quorate_Signature=made)

    page = "/authorities/E06000030/overdue?kind=initial_conference"
    expect(signed(page), 200)
    expect(signed(page, user="figures"), 403)
    expect(signed(page, at=time.time() - 120), 401)
    expect(signed(page, key=b"x" * 64), 401)
    expect(signed(page, to="/authorities/E06000030/due"), 401)
    expect(ask(page, X_Quorate_User="ann"), 303, "/sign-in")


server = http.server.ThreadingHTTPServer(("127.0.0.1", own), Issuer)
threading.Thread(target=server.serve_forever, daemon=True).start()
expect(ask("/authorities/E06000030"), 303, "/sign-in")
expect(ask("/", host="elsewhere.example"), 421)
by_the_issuer()
by_a_token()
by_a_proxy()
