"""Encodes and decodes header blocks with the package `hpack`: steps come as lines of JSON, and so do their results go."""

import json
import sys

from hpack import Decoder, Encoder

encoder = decoder = None


def octets(text):
    return text.encode("latin-1")


def encode(step):
    for size in step["sizes"]:
        encoder.header_table_size = size
    fields = [(octets(name), octets(value), secret) for name, value, secret in step["fields"]]
    return encoder.encode(fields, huffman=step["huffman"]).hex()


def decode(step):
    for size in step["sizes"]:
        decoder.max_allowed_table_size = size
    fields = decoder.decode(bytes.fromhex(step["block"]), raw=True)
    return [[field[0].decode("latin-1"), field[1].decode("latin-1"), not field.indexable] for field in fields]


for line in sys.stdin:
    step = json.loads(line)
    if step["begins"]:
        encoder, decoder = Encoder(), Decoder()
    print(json.dumps(encode(step) if "fields" in step else decode(step)))
