"""Questions about one outcome: who will leave, respond or not pay, and whom it pays to act upon."""
