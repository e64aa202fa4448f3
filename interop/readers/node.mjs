// Node's parsers of JSON and of URLs, and what Express and Koa make of a whole request that comes over a connection.
import http from 'node:http'
import net from 'node:net'
import querystring from 'node:querystring'
import readline from 'node:readline'
import { createRequire } from 'node:module'

const require = createRequire(new URL('../package.json', import.meta.url))
const readers = {}
const missing = {}
const servers = {} // port to the names of the readers behind it

function text(value) {
  switch (typeof value) {
    case 'string': return value
    case 'number': return Number.isSafeInteger(value) ? value.toFixed(0) : String(value)
    case 'bigint': case 'boolean': return String(value)
  }
  return value === null || value === undefined ? undefined : '<' + (Array.isArray(value) ? 'array' : typeof value) + '>'
}

// A mapping may inherit: a backend that asks for a name does not see where it is from.
function pick(mapping) {
  if (mapping === null || typeof mapping !== 'object' || Array.isArray(mapping)) return null
  const found = {}
  for (const field of fields) {
    const value = text(mapping instanceof URLSearchParams ? mapping.get(field) : mapping[field])
    if (value !== undefined) found[field] = value
  }
  return found
}

const after = target => target.includes('?') ? target.slice(target.indexOf('?') + 1) : ''
const body = (name, parse) => { readers[name] = { kind: 'body', read: r => pick(parse(r.body.toString('utf8'))) } }
const query = (name, parse, kind = 'query') => { readers[name] = { kind, read: r => pick(parse(r.target)) } }

async function load(name) {
  try {
    return (await import(require.resolve(name)))
  } catch (error) {
    try { return require(name) } catch { missing[name] = error.code || String(error) }
  }
}

body('JSON.parse', JSON.parse)
body('JSON.parse, copied', t => Object.assign({}, JSON.parse(t)))
body('JSON.parse, merged', t => merge({}, JSON.parse(t)))
query('querystring', t => querystring.parse(after(t)))
query('URLSearchParams', t => new URLSearchParams(after(t)))
query('new URL', t => new URL(t, 'http://chat.example').searchParams)
query('url.parse', t => require('node:url').parse(t, true).query, 'slow query')

function merge(to, from) {
  for (const name in from) {
    if (from[name] && typeof from[name] === 'object' && !Array.isArray(from[name])) to[name] = merge({}, from[name])
    else to[name] = from[name]
  }
  return to
}

const bigint = await load('json-bigint')
if (bigint) body('json-bigint', (bigint.default ?? bigint)({ useNativeBigInt: true }).parse)
const queryString = await load('query-string')
if (queryString) {
  query('query-string', t => queryString.default.parse(after(t)))
  query('query-string parseUrl', t => queryString.default.parseUrl(t).query, 'slow query')
  query('query-string, arrays', t => queryString.default.parse(after(t), { arrayFormat: 'bracket' }), 'slow query')
}

const express = await load('express')
if (express) {
  const qs = createRequire(require.resolve('express'))('qs')
  query('qs', t => qs.parse(after(t)))
  query('qs, ignoring the prefix', t => qs.parse('?' + after(t), { ignoreQueryPrefix: true }), 'slow query')
  query('qs, dots', t => qs.parse(after(t), { allowDots: true }), 'slow query')
  query('qs, prototypes', t => qs.parse(after(t), { allowPrototypes: true }), 'slow query')
  await expressReaders('express', express.default ?? express)
}
const express4 = await load('express4')
if (express4) await expressReaders('express 4', express4.default ?? express4)

async function expressReaders(name, express) {
  const json = application => async (request, response) => response.end(JSON.stringify({ b: pick(request.body), q: pick(request.query) }))
  const app = express()
  app.set('query parser', 'extended')
  app.use(express.json({ limit: '2mb' }), express.urlencoded({ extended: true, limit: '2mb' }))
  app.use(json())
  app.use(refuse)
  await serve(app, { [name + ' json()']: ['json', 'b', /json/i], [name + ' urlencoded()']: ['form', 'b', /urlencoded/i], [name + ' query']: ['params', 'q'] })
  const other = express()
  other.set('query parser', 'simple')
  other.use(express.json({ limit: '2mb', strict: false, type: () => true }))
  other.use(json())
  other.use(refuse)
  await serve(other, { [name + ' json(any type)']: ['json', 'b'], [name + ' query, simple']: ['params', 'q'] })
  const plain = express()
  plain.use(express.urlencoded({ extended: false, limit: '2mb' }), express.text({ type: 'application/json', limit: '2mb' }))
  plain.use((request, response) => {
    response.end(JSON.stringify({ b: typeof request.body === 'string' ? pick(JSON.parse(request.body)) : pick(request.body) }))
  })
  plain.use(refuse)
  await serve(plain, { [name + ' text()']: ['json', 'b', /json/i], [name + ' urlencoded(simple)']: ['form', 'b', /urlencoded/i] })
}

function refuse(error, request, response, next) {
  response.statusCode = 400
  response.end('{}')
}

const Koa = await load('koa')
const koaBody = await load('koa-bodyparser')
if (Koa && koaBody) {
  const app = new (Koa.default ?? Koa)()
  app.silent = true
  app.use((koaBody.default ?? koaBody)({ jsonLimit: '2mb', formLimit: '2mb' }))
  app.use(context => { context.body = JSON.stringify({ b: pick(context.request.body), q: pick(context.query) }) })
  await serve(app.callback(), { 'koa-bodyparser': ['json', 'b', /json/i], 'koa-bodyparser form': ['form', 'b', /urlencoded/i], 'koa query': ['params', 'q'] })
}

// serve starts a server. Each of its readers is a part of its answer, for the content types for which it is meant.
async function serve(app, parts) {
  const server = http.createServer({ keepAliveTimeout: 600000, requestTimeout: 0, headersTimeout: 0 }, app)
  await new Promise(done => server.listen(0, '127.0.0.1', done))
  const port = server.address().port
  servers[port] = new Client(port)
  for (const [name, [kind, part, mime]] of Object.entries(parts)) {
    readers[name] = { kind, port, part, mime }
  }
}

// Client writes requests to the byte: http.request would put the target right.
function Client(port) {
  let socket
  let buffer = ''
  let waiting
  this.ask = request => new Promise(done => {
    if (!socket) {
      socket = net.connect(port, '127.0.0.1')
      socket.setNoDelay()
      buffer = ''
      socket.on('data', data => { buffer += data.toString('latin1'); look() })
      const over = () => { socket = undefined; if (waiting) { const w = waiting; waiting = undefined; w({}) } }
      socket.on('error', over)
      socket.on('close', over)
    }
    waiting = done
    const mime = request.mime === null ? '' : 'Content-Type: ' + request.mime + '\r\n'
    socket.write(Buffer.concat([Buffer.from('POST ' + request.raw + ' HTTP/1.1\r\nHost: chat.example\r\n' + mime + 'Content-Length: ' + request.body.length + '\r\n\r\n', 'latin1'), request.body]))
  })
  function look() {
    const end = buffer.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = /content-length: (\d+)/i.exec(buffer.slice(0, end))
    if (!length && /transfer-encoding/i.test(buffer.slice(0, end))) return
    const size = length ? Number(length[1]) : 0
    if (buffer.length < end + 4 + size) return
    const answer = buffer.slice(end + 4, end + 4 + size)
    const status = Number(buffer.slice(9, 12))
    buffer = buffer.slice(end + 4 + size)
    const w = waiting
    waiting = undefined
    if (!w) return
    if (status !== 200) { w({}); return }
    try { w(JSON.parse(Buffer.from(answer, 'latin1').toString('utf8'))) } catch { w({}) }
  }
}

const letter = { body: 'b', query: 'q', 'slow query': 's' }
let fields
const input = readline.createInterface({ input: process.stdin, crlfDelay: Infinity })
let output = ''
for await (const line of input) {
  if (!fields) {
    fields = JSON.parse(line)
    const hello = {}
    for (const name in readers) hello[name] = readers[name].kind
    for (const name in missing) hello[name] = 'missing ' + missing[name]
    process.stdout.write(JSON.stringify(hello) + '\n')
    continue
  }
  if (line === '') {
    process.stdout.write(output)
    output = ''
    continue
  }
  const asked = JSON.parse(line)
  const raw = Buffer.from(asked.t, 'base64').toString('latin1')
  const request = {
    raw,
    target: Buffer.from(asked.t, 'base64').toString('utf8'),
    mime: asked.c === null ? null : Buffer.from(asked.c, 'base64').toString('latin1'),
    body: Buffer.from(asked.b, 'base64')
  }
  const answers = {}
  if (asked.ask.includes('r')) {
    for (const port in servers) answers[port] = await servers[port].ask(request)
  }
  const told = {}
  for (const name in readers) {
    const reader = readers[name]
    if (!asked.ask.includes(letter[reader.kind] ?? 'r')) continue
    if (reader.port) {
      const meant = !reader.mime || reader.mime.test(request.mime ?? '')
      told[name] = meant ? answers[reader.port][reader.part] ?? null : null
      continue
    }
    try { told[name] = reader.read(request) } catch { told[name] = null }
  }
  output += JSON.stringify(told) + '\n'
}
process.exit(0)
