"""Asks for a page once, with the cookies kept in a file, and prints the status: status.py URL FILE"""
import http.cookiejar
import os
import sys
import urllib.error
import urllib.request


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


jar = http.cookiejar.LWPCookieJar(sys.argv[2])
if os.path.exists(sys.argv[2]):
    jar.load()
browser = urllib.request.build_opener(Stay, urllib.request.HTTPCookieProcessor(jar))
try:
    print(browser.open(sys.argv[1], timeout=20).status, end="")
except urllib.error.HTTPError as answer:
    print(answer.code, end="")
jar.save()
