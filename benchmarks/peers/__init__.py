"""Speed and quality beside what people would pick instead: txtai, Haystack and LlamaIndex, on the same texts and model.

``python -m benchmarks.peers`` (or ``make peers``) makes the peers' own environment under ``build/peers``, measures every
system in processes of its own, and writes ``benchmarks/peers.json`` and the README's table.
"""
