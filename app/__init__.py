"""The browser workbench: it shows what the other rooms wrote and computes nothing of its own."""
