"""
Runs inside the host: makes many connections to a level's socket and prints what came of them.

    flood.py serial SOCKET COUNT      by four clients, each one after another, one request each
    flood.py burst SOCKET COUNT       all at once; each asks when all are made
    flood.py rush SOCKET COUNT        the same, but each asks as soon as it is made
"""
import concurrent.futures
import json
import socket
import sys
import time

REQUEST = b"GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"


def connect(path):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(60)
    client.connect(path)
    return client


def answer(client):
    """Reads to the end. Returns the status line, or what was wrong instead."""
    data = b""
    try:
        while part := client.recv(4096):
            data += part
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        client.close()
    return data.partition(b"\r\n")[0].decode(errors="replace") or "nothing"


def serial(path, count):
    def one(_):
        client = connect(path)
        client.sendall(REQUEST)
        return answer(client)

    # Starting a connection's process is systemd's work and waits more than it computes: alone a client needs twice the time.
    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        yield from clients.map(one, range(count))


def burst(path, count):
    clients = [connect(path) for _ in range(count)]
    for client in clients:
        try:
            client.sendall(REQUEST)
        except OSError:
            pass      # answer() tells
    for client in clients:
        yield answer(client)


def rush(path, count):
    clients = []
    for _ in range(count):
        clients.append(connect(path))
        clients[-1].sendall(REQUEST)
    for client in clients:
        yield answer(client)


def main():
    mode, path, count = sys.argv[1:]
    answers = {}
    started = time.monotonic()
    for line in {"serial": serial, "burst": burst, "rush": rush}[mode](path, int(count)):
        answers[line] = answers.get(line, 0) + 1
    json.dump({"answers": answers, "seconds": time.monotonic() - started}, sys.stdout)


main()
