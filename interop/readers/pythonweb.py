"""What Python's web frameworks make of a whole request: the body as JSON by its type, the form, the URL."""
import asyncio
import io

from lines import pick, serve

readers, missing = {}, {}
loop = asyncio.new_event_loop()


def now(coroutine):
    return loop.run_until_complete(coroutine)


def add(name, kind, read):
    readers[name] = (kind, lambda t, c, raw, f: pick(read(t, c, raw), f))


def after(target):
    return target.partition("?")[2]


def is_json(kind):
    return "json" in (kind or "").lower()


def environ(target, kind, raw):
    found = {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": target.partition("?")[0], "QUERY_STRING": after(target),
        "CONTENT_LENGTH": str(len(raw)), "SERVER_NAME": "chat.example", "SERVER_PORT": "80", "HTTP_HOST": "chat.example",
        "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(raw),
        "wsgi.errors": io.StringIO(), "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }
    if kind is not None:
        found["CONTENT_TYPE"] = kind
    return found


try:
    from aiohttp import http, streams
    from aiohttp.web_request import BaseRequest
    from multidict import CIMultiDict, CIMultiDictProxy
    from yarl import URL

    class Stub:
        """Stands for the connection, of which a request with its whole body needs nothing."""
        _reading_paused = False
        ssl_context = peername = None

        def get_extra_info(self, name):
            return None

    stub = Stub()
    stub.transport = stub

    def aio(target, kind, raw):
        payload = streams.StreamReader(stub, 2 ** 20, loop=loop)
        payload.feed_data(raw)
        payload.feed_eof()
        headers = CIMultiDict({"Host": "chat.example", "Content-Length": str(len(raw))})
        if kind is not None:
            headers["Content-Type"] = kind
        target = target.encode("latin-1").decode("utf-8", "surrogateescape")
        rest, _, fragment = target.partition("#")  # as its own parser of requests does
        path, _, query = rest.partition("?")
        url = URL.build(path=path, query_string=query, fragment=fragment, encoded=True)
        message = http.RawRequestMessage("POST", target, http.HttpVersion11, CIMultiDictProxy(headers), (), False, None, False, False, url)
        return BaseRequest(message, payload, stub, stub, None, loop)

    asyncio.set_event_loop(loop)
    add("aiohttp json()", "json", lambda t, c, raw: now(aio(t, c, raw).json()))
    add("aiohttp post()", "form", lambda t, c, raw: now(aio(t, c, raw).post()))
    add("aiohttp query", "query", lambda t, c, raw: aio(t, c, raw).query)
except ImportError as why:
    missing["aiohttp"] = str(why)

try:
    from werkzeug.wrappers import Request as Werkzeug

    add("werkzeug get_json()", "json", lambda t, c, raw: Werkzeug(environ(t, c, raw)).get_json(silent=True))
    add("werkzeug get_json(force)", "json", lambda t, c, raw: Werkzeug(environ(t, c, raw)).get_json(force=True))
    add("werkzeug form", "form", lambda t, c, raw: Werkzeug(environ(t, c, raw)).form)
    add("werkzeug args", "slow query", lambda t, c, raw: Werkzeug(environ(t, c, raw)).args)
    add("werkzeug values", "params", lambda t, c, raw: Werkzeug(environ(t, c, raw)).values)
except ImportError as why:
    missing["werkzeug"] = str(why)

try:
    import json
    from django.conf import settings

    settings.configure(ALLOWED_HOSTS=["*"], USE_TZ=False)
    from django.core.handlers.wsgi import WSGIRequest

    add("django body", "json", lambda t, c, raw: json.loads(WSGIRequest(environ(t, c, raw)).body))
    add("django POST", "form", lambda t, c, raw: WSGIRequest(environ(t, c, raw)).POST)
    add("django GET", "slow query", lambda t, c, raw: WSGIRequest(environ(t, c, raw)).GET)
except ImportError as why:
    missing["django"] = str(why)

try:
    from tornado import escape, httputil

    def tornado_form(target, kind, raw):
        arguments, files = {}, {}
        httputil.parse_body_arguments(kind or "", raw, arguments, files)
        return {name: values[-1] for name, values in arguments.items()}

    def tornado_query(target, kind, raw):
        request = httputil.HTTPServerRequest("POST", target)
        return {name: values[-1] for name, values in request.query_arguments.items()}

    add("tornado json_decode", "json", lambda t, c, raw: escape.json_decode(raw))
    add("tornado body_arguments", "form", tornado_form)
    add("tornado query_arguments", "slow query", tornado_query)
except ImportError as why:
    missing["tornado"] = str(why)

try:
    from starlette.requests import Request as Starlette

    def starlette(target, kind, raw):
        async def receive():
            return {"type": "http.request", "body": raw, "more_body": False}

        headers = [(b"content-type", kind.encode("latin-1"))] if kind is not None else []
        path, _, query = target.partition("?")
        return Starlette({"type": "http", "method": "POST", "path": path, "query_string": query.encode("latin-1"), "headers": headers}, receive)

    add("starlette json()", "json", lambda t, c, raw: now(starlette(t, c, raw).json()))
    add("starlette form()", "form", lambda t, c, raw: now(starlette(t, c, raw).form()))
    add("starlette query_params", "slow query", lambda t, c, raw: starlette(t, c, raw).query_params)
except ImportError as why:
    missing["starlette"] = str(why)

try:
    from bottle import BaseRequest as Bottle

    add("bottle json", "json", lambda t, c, raw: Bottle(environ(t, c, raw)).json)
    add("bottle forms", "form", lambda t, c, raw: Bottle(environ(t, c, raw)).forms.decode())
    add("bottle query", "slow query", lambda t, c, raw: Bottle(environ(t, c, raw)).query.decode())
    add("bottle params", "params", lambda t, c, raw: Bottle(environ(t, c, raw)).params.decode())
except ImportError as why:
    missing["bottle"] = str(why)

try:
    from webob import Request as WebOb

    add("webob json", "json", lambda t, c, raw: WebOb(environ(t, c, raw)).json)
    add("webob POST", "form", lambda t, c, raw: WebOb(environ(t, c, raw)).POST)
    add("webob GET", "slow query", lambda t, c, raw: WebOb(environ(t, c, raw)).GET)
    add("webob params", "params", lambda t, c, raw: WebOb(environ(t, c, raw)).params)
except ImportError as why:
    missing["webob"] = str(why)

serve(readers, missing)
