"""Apache Spark: where it runs, the warehouse's tables in it, and lists made by it."""
