"""The main job: find what each customer will buy next that they do not already own."""
