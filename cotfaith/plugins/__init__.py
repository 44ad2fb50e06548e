"""Names to classes: what is installed, where it comes from, and the presets."""
