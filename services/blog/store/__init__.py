"""Every query of blog; what takes a `sight` returns only what its viewer may see, decided in the same statement."""
