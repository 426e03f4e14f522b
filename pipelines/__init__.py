"""Configuration, stages and the commands that people type."""
