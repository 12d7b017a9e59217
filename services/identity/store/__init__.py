"""Identity's tables, by what is in them."""
