"""Which groups of customers are there: found, compared, described, priced and followed."""
