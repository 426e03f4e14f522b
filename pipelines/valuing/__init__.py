"""The question what customers are worth."""
