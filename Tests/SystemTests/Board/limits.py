"""Asks for one page many times at once, and prints a line as each answer comes: its status and the page's heading.

    limits.py URL COUNT [LINK]

With a LINK it signs in first.
"""
import http.client
import re
import sys
import threading
from urllib.parse import urlsplit

url, count = urlsplit(sys.argv[1]), int(sys.argv[2])
lock = threading.Lock()


def ask(path, headers):
    connection = http.client.HTTPConnection(url.netloc, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer, answer.read().decode()


headers = {}
if len(sys.argv) > 3:
    link = urlsplit(sys.argv[3])
    answer, _ = ask(f"{link.path}?{link.query}", {})
    headers["Cookie"] = answer.headers["Set-Cookie"].split(";")[0]


def one():
    try:
        answer, text = ask(f"{url.path}?{url.query}" if url.query else url.path, headers)
        heading = re.search("<h1[^>]*>(.*?)</h1>", text)
        line = f"{answer.status} {heading.group(1) if heading else ''}"
    except OSError as failure:
        line = f"none {type(failure).__name__}"
    with lock:
        print(line.strip(), flush=True)


threads = [threading.Thread(target=one) for _ in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
