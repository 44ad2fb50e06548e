"""Published outputs recomputed: our readings made of what authors released, our estimators, and the papers' printed numbers beside them."""
