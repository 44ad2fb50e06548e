"""One piece of each kind that cotfaith can be given from outside, each as short as it can be."""
