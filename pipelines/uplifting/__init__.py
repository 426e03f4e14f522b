"""The question whom a treatment changes."""
