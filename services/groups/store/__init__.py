"""Every query of groups, by resource."""
