"""How fast Plein is: ratios within one run, since absolute figures are those of a machine. `make bench` runs it."""
