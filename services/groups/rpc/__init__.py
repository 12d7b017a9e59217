"""The methods of groups, by resource."""
