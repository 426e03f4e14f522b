"""The parts of the job behind `lode cube`."""
