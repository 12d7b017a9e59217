"""Blog's methods, by resource."""
