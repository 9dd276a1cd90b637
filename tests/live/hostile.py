"""Name servers of ours on loopback. HOSTILE plays what the first label of a
name asks for (misbehaviour.py), SECOND answers every question honestly with
addresses of its own, and STRANGER never listens to anybody but sends. So a
test sees whose answer was taken."""

import socket
import struct
import threading

from dnswire import HONEST, OTHER, Query
from misbehaviour import TCP, UDP
from support import receive

HOSTILE, SECOND, STRANGER = "127.0.0.2", "127.0.0.4", "127.0.0.3"


class Channel:
    """Where a reply goes: over the socket that was asked, or another."""

    def __init__(self, server, peer):
        self.server = server
        self.peer = peer

    def send(self, data):
        self.server.udp.sendto(data, self.peer)

    def send_from_port(self, data):
        self.server.other_port.sendto(data, self.peer)

    def send_from_address(self, data):
        self.server.stranger.sendto(data, self.peer)


class Sender:
    """One TCP connection from a client."""

    def __init__(self, connection):
        self.connection = connection
        self.over = False

    @staticmethod
    def frame(data):
        return struct.pack("!H", len(data)) + data

    def raw(self, data):
        self.connection.sendall(data)

    def __call__(self, data):
        self.raw(self.frame(data))

    def reset(self):
        self.over = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))


class Server:
    """Port 53 of one address. `play` chooses what is done with a query; the
    ids and ports that came are kept in `seen` if that is a list."""

    def __init__(self, where, hostile):
        self.where = where
        self.hostile = hostile
        self.seen = None
        self.udp = self.bound(socket.SOCK_DGRAM, (where, 53))
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.other_port = self.bound(socket.SOCK_DGRAM, (where, 5353))
        self.stranger = self.bound(socket.SOCK_DGRAM,
                                   (STRANGER if hostile else where, 0))
        self.tcp = self.bound(socket.SOCK_STREAM, (where, 53))
        self.tcp.listen(64)
        for work in (self.serve_datagrams, self.serve_streams):
            threading.Thread(target=work, daemon=True).start()

    @staticmethod
    def bound(kind, where):
        sock = socket.socket(socket.AF_INET, kind)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(where)
        return sock

    def behaviour(self, table, query):
        return table.get(query.labels[0]) if self.hostile else None

    def serve_datagrams(self):
        while True:
            data, peer = self.udp.recvfrom(65535)
            query = Query(data)
            if self.seen is not None:
                self.seen.append((query.id, peer[1], query.name))
                self.udp.sendto(query.honest(), peer)
                continue
            play = self.behaviour(UDP, query)
            if play is None:
                pair = HONEST if self.hostile else OTHER
                self.udp.sendto(query.answer(pair), peer)
            else:
                threading.Thread(target=play, daemon=True,
                                 args=(query, Channel(self, peer))).start()

    def serve_streams(self):
        while True:
            connection, _ = self.tcp.accept()
            threading.Thread(target=self.serve_stream, daemon=True,
                             args=(connection,)).start()

    def serve_stream(self, connection):
        send = Sender(connection)
        with connection:
            try:
                while not send.over:
                    size = struct.unpack("!H", receive(connection, 2))[0]
                    query = Query(receive(connection, size))
                    play = self.behaviour(TCP, query)
                    if play is None:
                        send(query.answer(HONEST if self.hostile else OTHER))
                    else:
                        play(query, send)
            except (OSError, struct.error):
                pass  # the client has gone


def start():
    """Both servers; they end with the process."""
    return Server(HOSTILE, True), Server(SECOND, False)
