"""Runs the web site: `python -m gateway.web`."""

import uvicorn

from chassis.settings import read
from gateway.web.app import site
from gateway.web.settings import WebSettings


def main() -> None:
    settings = read(WebSettings)
    host, _, port = settings.listen_address.rpartition(":")
    uvicorn.run(
        site(settings),
        host=host,
        port=int(port),
        log_level=settings.log_level.lower(),
        access_log=False,  # the edge writes one, without personal data
        server_header=False,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
