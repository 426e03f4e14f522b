"""Take back what happened after a list, and tell what the list caused."""
