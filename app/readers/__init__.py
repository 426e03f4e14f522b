"""What the pages read: files that are whole, opened for reading, never behind a lock."""
