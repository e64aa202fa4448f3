"""The protocol between the driver and a Python program: a line with a request in, a line with what each reader read out."""
import base64
import json
import sys


def text(value):
    """A scalar as text. A number keeps its exact value; what is no scalar can never be what the gate says."""
    if value is None or isinstance(value, str):
        return value
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e300:
        return str(int(value))
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "<" + type(value).__name__ + ">"


def pick(mapping, fields):
    """The fields that a mapping has. Anything else than a mapping is a request that was not understood."""
    if not hasattr(mapping, "get"):
        return None
    found = {}
    for field in fields:
        value = mapping.get(field)
        if value is not None:
            found[field] = text(value)
    return found


def serve(readers, missing):
    """readers: name to (kind, function of target, content type or None, body and fields)."""
    source, sink = sys.stdin.buffer, sys.stdout
    fields = json.loads(source.readline())
    letters = {"body": "b", "query": "q"}
    hello = {name: kind for name, (kind, _) in readers.items()}
    hello.update({name: "missing " + why for name, why in missing.items()})
    sink.write(json.dumps(hello) + "\n")
    sink.flush()
    by_letter = {}
    for name, (kind, read) in readers.items():
        by_letter.setdefault("s" if kind.startswith("slow ") else letters.get(kind.split(":")[0], "r"), []).append((name, read))
    for line in source:
        if line == b"\n":
            sink.flush()
            continue
        request = json.loads(line)
        target = base64.b64decode(request["t"]).decode("latin-1")
        kind = request["c"] and base64.b64decode(request["c"]).decode("latin-1")
        body = base64.b64decode(request["b"])
        told = {}
        for letter in request["ask"]:
            for name, read in by_letter.get(letter, ()):
                try:
                    told[name] = read(target, kind, body, fields)
                except Exception:  # it refuses the request, in whatever way
                    told[name] = None
        sink.write(json.dumps(told) + "\n")
