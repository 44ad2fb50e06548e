"""One plug-in of each kind for cotfaith, each as short as possible."""
