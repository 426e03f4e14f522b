"""What `lode mine` looks for, where it reads and what it may spend: one file each."""
