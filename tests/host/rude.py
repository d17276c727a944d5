"""
Runs inside the host: a client on TCP that ends its connection by a reset.

    rude.py HOW PORT
"""
import socket
import struct
import sys
import time

PING = b"GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n"
BODY = b"POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
SAID = {"at-once": b"", "head": PING[:20], "unread": PING * 3, "body": BODY, "stream": b"GET /events HTTP/1.1\r\nHost: d\r\n\r\n"}

how, port = sys.argv[1:]
client = socket.create_connection(("127.0.0.1", int(port)), 10)
client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
client.sendall(SAID[how])
if how == "stream":
    client.recv(1)      # the answer's head has begun
if how != "at-once":
    time.sleep(0.3)
client.close()
print("reset")
