"""Early answering end to end, sampling and memory, against the smart loop and the plain ways on the same engine and the same weights.

`python -m benchmarks.throughput [transformers|vllm|all] [--small]` measures, and keeps an entry for each engine, device and model in
results/throughput.json, so that a GPU's entries stand beside the CPU's. Everything that is compared is measured in one run, in turn,
the machine's own matrix product too, of which shares are reported.
On a CPU the model is SmolLM2-135M in float32; on a GPU, Llama shapes with random weights in bfloat16, whose speed is that of the
checkpoints of these shapes.
"""
