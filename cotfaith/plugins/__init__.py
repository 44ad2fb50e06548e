"""Names to classes: the installed plug-ins, their origin, and the presets."""
