"""From sources to the warehouse, and from the warehouse to tables a model can learn from."""
