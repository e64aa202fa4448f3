"""Python's parsers of JSON and of URLs."""
import json
import urllib.parse

from lines import pick, serve

readers, missing = {}, {}


def body(name, parse):
    readers[name] = ("body", lambda target, kind, raw, fields: pick(parse(raw), fields))


def query(name, parse):
    def read(target, kind, raw, fields):
        return pick(parse(target.encode("latin-1").decode("utf-8")), fields)

    readers[name] = ("query", read)


def after(target):
    return target.partition("?")[2]


body("json of bytes", json.loads)
body("json of text", lambda raw: json.loads(raw.decode("utf-8")))
body("json, first of pairs", lambda raw: json.loads(raw, object_pairs_hook=lambda pairs: dict(reversed(pairs))))
query("urllib parse_qs of the target", lambda t: {n: v[0] for n, v in urllib.parse.parse_qs(urllib.parse.urlsplit(t).query).items()})
query("urllib parse_qs", lambda t: {n: v[-1] for n, v in urllib.parse.parse_qs(after(t), keep_blank_values=True).items()})
query("urllib parse_qsl", lambda t: dict(urllib.parse.parse_qsl(after(t), keep_blank_values=True)))
query("urllib urlparse", lambda t: dict(urllib.parse.parse_qsl(urllib.parse.urlparse(t).query)))
readers["urllib parse_qs of the body"] = ("form", lambda t, c, raw, f: pick(
    {n: v[0] for n, v in urllib.parse.parse_qs(raw.decode()).items()} if "urlencoded" in (c or "").lower() else {}, f))

for module in ("ujson", "simplejson", "rapidjson", "orjson"):
    try:
        body(module, __import__(module).loads)
    except ImportError as why:
        missing[module] = str(why)

try:
    import pydantic

    class Callback(pydantic.BaseModel):
        CallbackCommand: str
        GroupId: str = None
        TopicId: str = None
        Operator_Account: str = None
        Owner_Account: str = None
        From_Account: str = None
        Type: str = None
        Name: str = None
        EventTime: int = None

    known = ",".join(Callback.__fields__)
    readers["pydantic"] = ("body:" + known, lambda t, c, raw, f: pick(Callback.parse_raw(raw).dict(), f))
except ImportError as why:
    missing["pydantic"] = str(why)

try:
    import warnings
    warnings.simplefilter("ignore")
    import cgi
    import io

    def storage(target, kind, raw):
        environ = {"REQUEST_METHOD": "POST", "QUERY_STRING": after(target), "CONTENT_LENGTH": str(len(raw))}
        if kind is not None:
            environ["CONTENT_TYPE"] = kind
        found = cgi.FieldStorage(io.BytesIO(raw), environ=environ)
        return {name: found.getfirst(name) for name in found.keys()}

    readers["cgi.FieldStorage"] = ("params", lambda t, c, raw, f: pick(storage(t, c, raw), f))
except ImportError as why:
    missing["cgi"] = str(why)

serve(readers, missing)
