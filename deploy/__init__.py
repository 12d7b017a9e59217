"""How Plein is run: all of it on one machine, its images, its demonstration, and the tools that build it."""

from deploy.preflight import require_python

require_python()
