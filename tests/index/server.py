"""Serves a local index on loopback with nginx: HTTP/1.1 in clear, HTTP/1.1 and HTTP/2 over TLS.

As the public index does: gzip, ETag, If-None-Match, X-PyPI-Last-Serial, PEP 691 by Accept. nginx runs
as a child with its own configuration and folder; the system's service is not touched.

Usage: server.py PAGES [--changed] [--no-serial] [--rate N]   serves until Ctrl-C, prints how to use it
"""

import argparse
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import local_index

CONFIG = """
{user}
daemon off;
pid {prefix}/pid;
error_log stderr error;
worker_processes {workers};
events {{ worker_connections 1024; }}
http {{
    access_log {access_log};
    client_body_temp_path {prefix}/body;
    proxy_temp_path {prefix}/proxy;
    fastcgi_temp_path {prefix}/fastcgi;
    uwsgi_temp_path {prefix}/uwsgi;
    scgi_temp_path {prefix}/scgi;
    types {{}}
    default_type application/vnd.pypi.simple.v1+json;
    sendfile on;
    keepalive_requests 1000000;
    open_file_cache max=20000 inactive=600s;
    gzip_static always;
    gunzip on;
    gzip_vary on;
    map_hash_max_size 131072;
    map_hash_bucket_size 256;
    map $request_uri $serial {{ {serials} }}
    map $request_uri $part {{ default pages; {changed} }}
    map $http_accept $acceptable {{
        default 0;
        "" 1;
        "~\\*/\\*" 1;
        "~application/vnd\\.pypi\\.simple\\.v1\\+json" 1;
    }}
    map $status $retry_after {{ 429 {retry_after}; }}
    {zone}
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{tls_port} ssl http2;
        ssl_certificate {prefix}/server.pem;
        ssl_certificate_key {prefix}/server.key;
        root {folder};
        add_header X-PyPI-Last-Serial $serial;
        add_header Cache-Control "max-age=600, public";
        add_header Retry-After $retry_after always;
        {limit}
        if ($acceptable = 0) {{ return 406; }}
        location = /simple/ {{ {listing} }}
        location ~ ^/simple/([a-z0-9-]+)/$ {{ rewrite ^/simple/(.*)/$ /$part/$1.json break; }}
        location / {{ return 404; }}
    }}
}}
"""


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make_certificates(folder):
    """A certificate authority (ca.pem) and a server's key and certificate from it."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    (folder / "extensions").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("req", "-x509", *key, "-days", 30, "-subj", "/CN=wheelfarm test authority",
            "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    openssl("req", *key, "-subj", "/CN=localhost", "-keyout", folder / "server.key",
            "-out", folder / "server.csr")
    openssl("x509", "-req", "-in", folder / "server.csr", "-CA", folder / "ca.pem",
            "-CAkey", folder / "ca.key", "-days", 30, "-extfile", folder / "extensions",
            "-out", folder / "server.pem")


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Server:
    """nginx in front of a LocalIndex; a context manager.

    `url` is in clear, `tls_url` wants `ca`. With `changed` one page in a hundred is a day younger;
    `serial` False leaves the header out; `rate` answers 429 with Retry-After above so many requests a
    second; `listing` False leaves out the list of all projects; `log` counts requests (see `requests`). `like` takes the ports and keys of a server that was
    closed, so that it is the same index a day later.
    """

    def __init__(self, index, *, changed=False, serial=True, rate=None, burst=1, retry_after=1,
                 log=False, workers="auto", like=None, listing=True):
        self.prefix = like.prefix if like else pathlib.Path(
            tempfile.mkdtemp(prefix="wheelfarm-index-"))
        self.ca = self.prefix / "ca.pem"
        self.access_log = self.prefix / "access.log"
        self.ports = port, tls_port = like.ports if like else free_ports(2)
        self.url = f"http://127.0.0.1:{port}/simple/"
        self.tls_url = f"https://127.0.0.1:{tls_port}/simple/"
        if not like:
            make_certificates(self.prefix)
        suffix = "-changed" if changed else ""
        (self.prefix / "nginx.conf").write_text(CONFIG.format(
            user="user root;" if os.getuid() == 0 else "",
            prefix=self.prefix, folder=index.folder, port=port, tls_port=tls_port,
            workers=workers, retry_after=retry_after,
            listing=f"rewrite ^ /simple{suffix}.json break;" if listing else "return 404;",
            access_log=self.access_log if log else "off",
            serials=f"include {index.folder}/serials{suffix}.map;" if serial else "",
            changed=f"include {index.folder}/changed.map;" if changed else "",
            zone=f"limit_req_zone $binary_remote_addr zone=all:64k rate={rate}r/s;" if rate else "",
            limit=f"limit_req zone=all burst={burst} nodelay; limit_req_status 429;"
            if rate else ""))
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        self.process = subprocess.Popen(
            [nginx, "-p", self.prefix, "-e", "stderr", "-c", self.prefix / "nginx.conf"],
            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)
        self._wait_until_up(port)

    def _wait_until_up(self, port):
        for _ in range(200):
            if self.process.poll() is not None:
                break
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        self.close()
        raise RuntimeError("nginx does not start")

    def requests(self):
        """Lines of the access log so far."""
        return self.access_log.read_text().splitlines() if self.access_log.exists() else []

    def stop(self):
        """Ends nginx, keeps the folder for another server `like` this one."""
        self.process.terminate()
        self.process.wait()

    def close(self):
        self.stop()
        shutil.rmtree(self.prefix, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", type=int)
    parser.add_argument("--names", metavar="LIST")
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--no-serial", action="store_true")
    parser.add_argument("--rate", type=int)
    asked = parser.parse_args()
    index = local_index.ensure(asked.pages, asked.names)
    with Server(index, changed=asked.changed, serial=not asked.no_serial,
                rate=asked.rate) as server:
        print(f"export CURL_CA_BUNDLE={server.ca}")
        for url in (server.tls_url, server.url):
            print(f"build/wheelfarm scan --packages {index.packages} --index {url} --db FILE")
        sys.stdout.flush()
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
