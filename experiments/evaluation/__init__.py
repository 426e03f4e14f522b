"""How good a candidate is: ranking, gains, money, all of it with intervals."""
