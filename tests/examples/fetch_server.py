# SPDX-License-Identifier: LGPL-2.1-or-later
"""An HTTP server that does, request by request, what it is told, and remembers what
it was asked. It never waits but for what the client does."""

import contextlib
import http.server
import random
import socket
import struct
import threading

DATE = 'Tue, 06 Oct 2015 07:00:00 GMT'


class Reply:
    """data, or of it what is asked for, but not more than up to a byte. At the byte cut it
    breaks off, by end: "close", "reset" or "silence" until the client hangs up. shift: how
    wrong it is about where a range begins; before: called before it answers; status None:
    there is no such range."""

    def __init__(self, data=b'', status=200, etag='"1"', ranges=True, if_range=True, shift=0,
                 upto=None, cut=None, end='close', headers=(), before=None):
        self.data, self.status, self.etag, self.headers = data, status, etag, list(headers)
        self.ranges, self.if_range, self.shift = ranges, if_range, shift
        self.upto = len(data) if upto is None else upto
        self.cut, self.end, self.before = cut, end, before

    def start(self, asked):
        """Where what is sent begins: 0 is all of it."""
        if not self.ranges or 'Range' not in asked:
            return 0
        known = [self.etag] + [value for name, value in self.headers if name == 'Last-Modified']
        if self.if_range and asked['If-Range'] not in known:
            return 0
        return int(asked['Range'].removeprefix('bytes=').removesuffix('-'))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def hang_up(self, reply):
        self.wfile.flush()
        self.close_connection = True
        if reply.end == 'silence':
            self.connection.recv(1)
        elif reply.end == 'reset':
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            self.connection.close()

    def do_GET(self):
        reply = self.server.note(self.path, self.headers)
        if reply.before:
            reply.before()
        start, end, size = reply.start(self.headers), reply.upto, len(reply.data)
        if reply.status is None:
            self.send_response(416)
            start = end = 0
        elif start > 0:
            self.send_response(206)
            first = start + reply.shift
            self.send_header('Content-Range', f'bytes {first}-{end - 1}/{size}')
        else:
            self.send_response(reply.status)
        for name, value in [('ETag', reply.etag)] * bool(reply.etag) + reply.headers:
            self.send_header(name, value)
        if ('Transfer-Encoding', 'chunked') not in reply.headers:
            self.send_header('Content-Length', str(end - start))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(reply.data[start:end if reply.cut is None else reply.cut])
            if reply.cut is not None:
                self.hang_up(reply)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.lock = threading.Condition()
        self.plans = {}
        self.asked = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, *_):
        pass

    def url(self, name):
        return f'http://127.0.0.1:{self.server_address[1]}/{name}'

    def serve(self, name, *replies):
        """The URL that is answered so, a reply a request."""
        self.plans['/' + name] = list(replies)
        return self.url(name)

    def note(self, path, headers):
        with self.lock:
            self.asked.append((path.removeprefix('/'), headers['Range'], headers['If-Range']))
            self.lock.notify()
            plan = self.plans.get(path, [Reply(status=404)])
            return plan.pop(0) if len(plan) > 1 else plan[0]

    def wait_until_asked(self, times):
        """Who asked may have left again already."""
        with self.lock:
            self.lock.wait_for(lambda: len(self.asked) >= times, 20)
            assert len(self.asked) == times, self.asked

    def ranges(self, name):
        """Of each request for it."""
        with self.lock:
            return [wanted for path, wanted, _ in self.asked if path == name]


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)
