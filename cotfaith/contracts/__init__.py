"""The public surface for pieces of your own: abstract classes, requests, the engine protocol, metrics. Nothing here knows how a run is done."""
