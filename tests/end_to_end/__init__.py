"""A package, so that its stack ends with its tests: even while nobody asks, it takes a tenth of a machine."""
