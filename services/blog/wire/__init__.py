"""Blog's domain as messages, and names as ids."""
