"""What proves that Plein works. A package, since one of those that it needs brings a `tests` of its own."""
