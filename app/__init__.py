"""The browser workbench: it shows what the others wrote and computes nothing of its own."""
