"""What is not as it usually is, each with the sentence that says why."""
