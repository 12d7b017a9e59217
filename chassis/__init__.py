"""What every service is bolted onto: small modules with one job each, which know no service."""
