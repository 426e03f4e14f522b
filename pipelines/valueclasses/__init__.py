"""Which class of value a corporate customer belongs to: a network, judged, and put into rules."""
