"""A shop that never was: customers, products, orders and campaigns with a known truth in them."""

from features.generate.shop import Generated, generate

__all__ = ["Generated", "generate"]
