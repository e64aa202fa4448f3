// The page of the local gateway. It writes text, never markup: whatever a callback has in it stays text.

const $ = (id) => document.getElementById(id)

// make creates an element with properties, and with children that are nodes or text.
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes('-') || name === 'role' || name === 'for') element.setAttribute(name, value)
    else element[name] = value
  }
  element.append(...children.filter((child) => child !== null && child !== undefined))
  return element
}

// ---- What came ----

const verdicts = {
  'forwarded': { class: 'forwarded', label: 'Forwarded' },
  'refused': { class: 'refused', label: 'Refused' },
  'would be refused': { class: 'would', label: 'Would refuse' },
  'answered': { class: 'answered', label: 'Answered' },
  'not a callback': { class: 'unchecked', label: 'No callback' },
}

let gate = null // what the gateway says of the gate
let all = [] // summaries, the oldest first, their ids one after the other
let shown = [] // those that the filters let through
let dropped = 0
let selected = 0 // id
let opening = false // the next callback, once it is there
const commands = new Set()
let linked = Number(location.hash.slice(1)) // the callback that the address names

const events = new EventSource('/api/events')

events.addEventListener('hello', ({ data }) => {
  gate = JSON.parse(data)
  if (gate.fresh) forget()
  $('live').textContent = 'live'
  $('live').className = 'on'
  greet()
  if (linked) open(linked)
  linked = 0
})

events.addEventListener('callbacks', ({ data }) => {
  const batch = JSON.parse(data)
  if (batch.cleared) forget()
  receive(batch)
})

events.addEventListener('error', () => {
  $('live').textContent = 'The gateway does not answer. Is it still running?'
  $('live').className = 'off'
})

function greet() {
  const monitor = gate.mode === 'monitor'
  const chip = (text, warns, title) => make('span', { className: warns ? 'chip warn' : 'chip', title }, text)
  $('gate').replaceChildren(make('code', {}, gate.gate + gate.path),
    chip(gate.mode, monitor, monitor ? 'The gate refuses nothing; it only says what it would have refused.'
      : 'The gate refuses what is not right.'),
    gate.signed ? chip('signed', false, 'The gate asks for a signature.')
      : chip('no token', true, 'Anybody who knows the SdkAppid can send callbacks. Set the option token.'))
  $('target').textContent = gate.gate + (gate.path || '/')
  $('sign').disabled = !gate.signed
  $('sign').parentElement.title = gate.signed ? '' : 'The gate has no token.'
  $('apps').replaceChildren(...gate.apps.map((app) => make('option', { value: app })))
}

function forget() {
  all = []
  dropped = 0
  commands.clear()
  selected = 0
  filterCommands()
  refilter()
  close()
}

function receive(batch) {
  dropped = batch.dropped
  const known = all.length ? all[all.length - 1].id : 0
  const fresh = batch.callbacks.filter((c) => c.id > known)
  all.push(...fresh)
  const gone = all.findIndex((c) => c.id >= batch.oldest)
  if (gone > 0) all.splice(0, gone)
  const before = commands.size
  for (const c of fresh) commands.add(c.command)
  if (commands.size !== before) filterCommands()
  const passing = fresh.filter(matches)
  const kept = shown.length ? shown.findIndex((c) => c.id >= batch.oldest) : 0
  if (kept !== 0) shown.splice(0, kept < 0 ? shown.length : kept)
  shown.push(...passing)
  if (passing.length && $('list').scrollTop > 0) $('list').scrollTop += passing.length * rowHeight()
  if (fresh.length && text()) searchSoon()
  if (fresh.length && opening) {
    opening = false
    open(fresh[fresh.length - 1].id)
  }
  render()
}

// ---- Filters ----

const text = () => $('text').value.trim().toLowerCase()
let found = new Set() // ids in whose bodies or headers the server found the text

function matches(c) {
  if ($('verdict').value && c.verdict !== $('verdict').value) return false
  if ($('command').value && c.command !== $('command').value.slice(1)) return false
  const wanted = text()
  if (!wanted || found.has(c.id)) return true
  const r = c.refusal
  const why = r ? `${r.code} ${r.meaning} ${r.detail}` : ''
  return [c.command, c.app, c.group, c.operator, c.verdict, why].join('\n').toLowerCase().includes(wanted)
}

function refilter() {
  shown = all.filter(matches)
  render()
}

function filterCommands() {
  const chosen = $('command').value
  const options = [...commands].sort().map((c) => make('option', { value: '=' + c }, c || '(none)'))
  $('command').replaceChildren(make('option', { value: '' }, 'All commands'), ...options)
  $('command').value = chosen
  if ($('command').value !== chosen) $('command').value = ''
}

let searching = 0
function searchSoon() {
  clearTimeout(searching)
  searching = setTimeout(async () => {
    const wanted = text()
    const answer = wanted ? await fetch('/api/search?text=' + encodeURIComponent(wanted)) : null
    if (wanted !== text()) return
    found = new Set(answer?.ok ? await answer.json() : [])
    refilter()
  }, 150)
}

$('verdict').append(make('option', { value: '' }, 'All verdicts'),
  ...Object.entries(verdicts).map(([value, v]) => make('option', { value }, v.label)))
$('verdict').addEventListener('change', refilter)
$('command').addEventListener('change', refilter)
$('text').addEventListener('input', () => { found = new Set(); refilter(); searchSoon() })
filterCommands()

// ---- The list: only the rows in sight exist ----

const rows = new Map() // elements by id
const rowHeight = () => parseFloat(getComputedStyle($('list')).getPropertyValue('--row')) || 40
let rendering = false

function render() {
  if (rendering) return
  rendering = true
  requestAnimationFrame(() => { rendering = false; renderRows(); renderCount() })
}

function renderRows() {
  const height = rowHeight(), list = $('list')
  $('rows').style.height = shown.length * height + 'px'
  const first = Math.max(0, Math.floor(list.scrollTop / height) - 6)
  const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + 6)
  const wanted = new Set()
  for (let position = first; position < last; position++) {
    const c = shown[shown.length - 1 - position]
    wanted.add(c.id)
    let row = rows.get(c.id)
    if (!row) {
      row = makeRow(c)
      rows.set(c.id, row)
      $('rows').append(row)
    }
    row.style.transform = `translateY(${position * height}px)`
    row.setAttribute('aria-posinset', position + 1)
    row.setAttribute('aria-setsize', shown.length)
    row.setAttribute('aria-selected', c.id === selected)
  }
  for (const [id, row] of rows) {
    if (!wanted.has(id)) {
      row.remove()
      rows.delete(id)
    }
  }
  if (rows.has(selected)) list.setAttribute('aria-activedescendant', 'row-' + selected)
  else list.removeAttribute('aria-activedescendant')
}

function makeRow(c) {
  const v = verdicts[c.verdict]
  const [family, name] = splitCommand(c.command)
  const code = c.refusal ? ' ' + c.refusal.code : ''
  return make('div', { id: 'row-' + c.id, className: 'row', role: 'option', title: c.refusal ? c.refusal.meaning : '' },
    make('span', { className: 'time' }, clock(c.time)),
    make('span', { className: 'verdict' }, make('span', { className: 'badge ' + v.class }, v.label + code)),
    make('span', { className: 'command', title: c.command }, make('small', {}, family + ' '), name),
    make('span', { className: 'app' }, c.app), make('span', { className: 'group', title: c.group }, c.group),
    make('span', { className: 'operator', title: c.operator }, c.operator), make('span', { className: 'took' }, duration(c.took)))
}

// splitCommand parts a command's family from what tells it from others, for want of room. The whole of it is the title.
function splitCommand(command) {
  const parts = /^(\w+)\.(?:Callback)?(\w+)$/.exec(command)
  return parts ? parts.slice(1) : ['', command || 'no command']
}

function renderCount() {
  let line = `${number(all.length)} callback${all.length === 1 ? '' : 's'}`
  if (shown.length !== all.length) line = `${number(shown.length)} of ${line}`
  if (dropped) line += `. ${number(dropped)} older ones were dropped: the latest ${number(gate.keeps)} are kept, of 64 MiB at most.`
  $('count').textContent = line
  $('empty').hidden = all.length > 0 || !gate
  $('columns').style.visibility = all.length ? 'visible' : 'hidden'
  $('clear').disabled = !all.length && !dropped
}

const pad = (n, digits = 2) => String(n).padStart(digits, '0')

function clock(time) {
  const t = new Date(time)
  return `${pad(t.getHours())}:${pad(t.getMinutes())}:${pad(t.getSeconds())}.${pad(t.getMilliseconds(), 3)}`
}

function duration(microseconds) {
  if (microseconds < 1000) return microseconds + ' µs'
  return microseconds < 1e6 ? (microseconds / 1000).toFixed(1) + ' ms' : (microseconds / 1e6).toFixed(2) + ' s'
}

$('list').addEventListener('scroll', render, { passive: true })
new ResizeObserver(() => { for (const row of rows.values()) row.remove(); rows.clear(); render() }).observe($('list'))

$('rows').addEventListener('click', (event) => {
  const row = event.target.closest('.row')
  if (row) open(Number(row.id.slice(4)))
})

$('list').addEventListener('keydown', (event) => {
  const page = Math.max(1, Math.floor($('list').clientHeight / rowHeight()) - 1)
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity, j: 1, k: -1 }
  if (event.key === 'Enter' && selected) {
    open(selected).then(() => $('detail').focus())
  } else if (event.key in steps && !event.ctrlKey && !event.metaKey && !event.altKey && shown.length) {
    event.preventDefault()
    const at = shown.findIndex((c) => c.id === selected)
    const position = at < 0 ? 0 : Math.min(Math.max(shown.length - 1 - at + steps[event.key], 0), shown.length - 1)
    openSoon(shown[shown.length - 1 - position].id)
    reveal(position)
  }
})

function reveal(position) {
  const height = rowHeight(), list = $('list')
  if (position * height < list.scrollTop) list.scrollTop = position * height
  else if ((position + 1) * height > list.scrollTop + list.clientHeight) list.scrollTop = (position + 1) * height - list.clientHeight
}

// ---- One callback ----

let soon = 0
const narrow = matchMedia('(max-width: 899px)')

// openSoon selects, and opens after a moment: who holds a key down passes many by. In a narrow window, Enter opens.
function openSoon(id) {
  selected = id
  render()
  clearTimeout(soon)
  if (!narrow.matches) soon = setTimeout(() => open(id), 80)
}

async function open(id) {
  clearTimeout(soon)
  selected = id
  render()
  const answer = await fetch('/api/callbacks/' + id)
  if (selected !== id) return
  if (!answer.ok) {
    $('detail').replaceChildren(backButton(), make('p', { className: 'hint' }, await answer.text()))
  } else {
    show(await answer.json())
    history.replaceState(null, '', '#' + id)
  }
  if (!document.body.classList.contains('opened')) document.body.classList.add('opened')
  $('detail').scrollTop = 0
}

function close() {
  document.body.classList.remove('opened')
  selected = 0
  history.replaceState(null, '', location.pathname)
  $('detail').replaceChildren(make('p', { className: 'hint' }, 'Choose a callback to see what was checked. ',
    make('kbd', {}, '↑'), make('kbd', {}, '↓'), ' move, ', make('kbd', {}, '/'), ' searches, ', make('kbd', {}, 'c'), ' composes.'))
  render()
}

function leave() {
  close()
  $('list').focus({ preventScroll: true })
}

const backButton = () => make('button', { id: 'back', onclick: leave }, '‹ All callbacks')

function show(d) {
  const v = verdicts[d.verdict]
  const about = [`${clock(d.time)}, took ${duration(d.took)}`, d.app && 'app ' + d.app, d.group, d.operator && 'by ' + d.operator]
  $('detail').replaceChildren(backButton(),
    make('div', { className: 'top' },
      make('h2', {}, d.command || 'no command'), make('span', { className: 'badge ' + v.class }, v.label)),
    make('p', { className: 'meta' }, about.filter(Boolean).join(', ')),
    make('div', { className: 'actions' },
      make('button', { id: 'again', className: 'primary', onclick: () => sendAgain(d) }, 'Send again'),
      make('button', { id: 'edit', onclick: () => edit(d) }, 'Edit and send'),
      make('button', { id: 'export-curl', onclick: () => exportAs(d, 'curl') }, 'curl'),
      make('button', { id: 'export-http', onclick: () => exportAs(d, 'http') }, 'Test request'),
      make('button', { id: 'export-json', onclick: () => exportAs(d, 'json') }, 'JSON')),
    make('p', { id: 'again-receipt', className: 'note', role: 'status' }),
    outcome(d, v), checks(d), headers(d), body(d), request(d), backend(d), answer(d))
}

const card = (id, title, ...children) => make('section', { id, className: 'card' }, make('h3', {}, title), ...children)
const note = (text) => make('p', { className: 'note' }, text)
const fold = (title, ...children) => make('details', { className: 'more' }, make('summary', {}, title), ...children)
const unfold = (details) => { details.open = true; return details }
const number = (n) => n.toLocaleString('en')

// outcome is the answer to "what became of it, and why?", in one glance.
function outcome(d, v) {
  const box = make('section', { id: 'outcome', className: 'card outcome ' + v.class })
  const r = d.refusal
  if (!r) {
    box.append(make('p', {}, fate(d)))
    return box
  }
  const how = d.verdict === 'refused' ? 'Refused' : 'Passed on by the mode monitor; enforce would refuse it'
  box.append(make('p', { className: 'code' }, `${how} with ${r.status}, code ${r.code}`), make('h2', {}, r.meaning),
    make('dl', {}, make('dt', {}, 'Expected'), make('dd', { id: 'expected' }, r.expected),
      make('dt', {}, 'Found'), make('dd', { id: 'found' }, r.found)),
    make('p', { className: 'remedy' }, make('b', {}, 'What to do'), make('span', { id: 'remedy' }, r.remedy)))
  return box
}

// fate is what became of a callback that was not refused by a check.
function fate(d) {
  switch (d.verdict) {
    case 'forwarded': {
      const went = 'All checks passed, and it went to the backend'
      return d.backend?.error ? `${went}, which gave no answer.`
        : `${went}, which answered ${d.backend.status} after ${duration(d.backend.took)}.`
    }
    case 'answered':
      return d.command ? 'The gate accepted it itself: the command is not checked here, and otherCommands is acknowledge.'
        : 'The gate answered the console’s check of the URL.'
    case 'not a callback':
      return 'Not a POST to the callback path: it went to the backend unchecked, less any header of the gate’s.'
  }
  return `The gate answered ${d.status} itself.`
}

const marks = { 'failed': 'failed', 'passed': 'passed', 'not needed': 'skipped', 'not run': 'later' }
const mark = (outcome) => make('span', { className: 'mark ' + marks[outcome], role: 'img', 'aria-label': outcome })

function checks(d) {
  if (!d.checks.length) return ''
  const list = make('ol', { className: 'stages' })
  for (const [stage, members] of Map.groupBy(d.checks, (c) => c.stage)) list.append(make('li', {}, makeStage(stage, members)))
  const section = card('checks', 'Checks', list)
  section.firstChild.append(make('button', { id: 'all-checks', onclick: () => {
    const stages = [...list.querySelectorAll('details')]
    const closed = stages.some((s) => !s.open)
    for (const s of stages) s.open = closed
  } }, 'All checks'))
  return section
}

// makeStage makes a stage of the checks, open where one of them failed.
function makeStage(stage, members) {
  const counts = Object.keys(marks).map((o) => [o, members.filter((c) => c.outcome === o).length]).filter(([, count]) => count)
  const overall = counts[0][0]
  const styles = { 'failed': 'failed-check', 'not run': 'later-check' }
  return make('details', { open: overall === 'failed' },
    make('summary', {}, mark(overall), make('b', {}, stage),
      make('span', {}, counts.map(([o, count]) => `${count} ${o}`).join(', '))),
    make('ol', {}, ...members.map((c) => make('li', {}, mark(c.outcome),
      make('span', { className: styles[c.outcome] ?? '' }, c.title),
      make('small', {}, c.note || (c.outcome === 'failed' ? String(c.code) : ''))))))
}

function headers(d) {
  const line = (f, sign, symbol, word) => [
    make('dt', {}, make('span', { className: 'sign ' + sign, role: 'img', 'aria-label': word }, symbol), f.name), value(f.value)]
  const lines = [...d.set.flatMap((f) => line(f, 'plus', '+', 'set')), ...d.stripped.flatMap((f) => line(f, 'minus', '−', 'stripped'))]
  return card('headers', 'Headers that the gate changed',
    lines.length ? make('dl', { className: 'fields' }, ...lines) : note('It set none, and stripped none.'))
}

// value is a header's value, with what it says where it is percent-encoded.
function value(encoded) {
  let plain = encoded
  try { plain = decodeURIComponent(encoded) } catch { /* it is as it is */ }
  return make('dd', {}, encoded, plain !== encoded ? make('em', {}, `  (${plain})`) : null)
}

function fields(list) {
  return make('dl', { className: 'fields' }, ...list.flatMap((f) => [make('dt', {}, f.name), make('dd', {}, f.value)]))
}

function body(d) {
  const { size } = d.request
  return card('body-card', 'Body',
    !size ? note('It has none.') : d.tree ? make('div', { className: 'tree' }, node(d.tree, 0)) : note('It is not JSON.'),
    size ? raw('As it came', d.request) : null)
}

const maxRaw = 1 << 16 // letters shown of a text

function raw(title, message) {
  const cut = message.cut || message.body.length > maxRaw
  return fold(`${title}, ${number(message.size)} bytes${message.binary ? ', not UTF-8' : ''}`,
    make('pre', { tabIndex: 0 }, message.body.slice(0, maxRaw)), cut ? note('This is only the beginning.') : null)
}

const someNodes = 100 // shown of a list at first

// node is a JSON value as a tree, with no more of a long list than is asked for.
function node(n, depth) {
  const name = n.name === undefined ? [] : [make('span', { className: 'name' }, JSON.stringify(n.name)), ': ']
  if (n.kind !== 'object' && n.kind !== 'array') {
    const text = n.kind === 'string' ? JSON.stringify(n.text ?? '') : n.text
    const line = make('div', {}, ...name, make('span', { className: n.kind }, text))
    if (n.json) {
      line.append(make('ul', {}, make('li', {}, make('span', { className: 'size' }, 'which is JSON '), node(n.json, depth + 1))))
    }
    return line
  }
  const children = n.nodes ?? [], [opening, closing] = n.kind === 'object' ? '{}' : '[]'
  if (!children.length) return make('div', {}, ...name, opening + closing)
  const what = (n.kind === 'object' ? 'member' : 'element') + (children.length === 1 ? '' : 's')
  const list = make('ul', {})
  const more = (from) => {
    list.append(...children.slice(from, from + someNodes).map((child) => make('li', {}, node(child, depth + 1))))
    const rest = children.length - from - someNodes
    if (rest > 0) {
      const button = make('button', {}, `${rest} more`)
      button.onclick = () => { button.parentElement.remove(); more(from + someNodes) }
      list.append(make('li', {}, button))
    } else if (n.cut) list.append(make('li', { className: 'size' }, 'and more'))
  }
  more(0)
  return make('details', { open: depth < 3 && children.length <= someNodes },
    make('summary', {}, ...name, make('span', { className: 'size' }, `${opening} ${children.length} ${what} ${closing}`)), list)
}

function request(d) {
  return card('request', 'The request as it came', make('pre', {}, d.request.line),
    d.parameters.length ? unfold(fold(`${d.parameters.length} parameters`, fields(d.parameters))) : null,
    fold(`${d.request.headers.length} headers, from ${d.request.remote}`, fields(d.request.headers)))
}

function backend(d) {
  const b = d.backend
  if (!b) return card('backend', 'The backend', note('Nothing reached it.'))
  return card('backend', 'The backend',
    make('p', {}, b.same ? `It got the very ${number(b.request.size)} bytes that came, ` : 'It did not read the whole body, ',
      b.error ? 'and gave no answer: ' + b.error : `and answered ${b.status} ${b.answer.line} after ${duration(b.took)}.`),
    fold(`${b.request.headers.length} headers that it got`, make('pre', {}, b.request.line), fields(b.request.headers)),
    b.answer.size ? unfold(raw('Its answer', b.answer)) : null)
}

function answer(d) {
  return card('answer', 'The answer that went back',
    make('p', {}, d.status ? `${d.status} ${d.answer.line}` : 'None: the connection was broken off.'),
    d.answer.size ? unfold(raw('Its body', d.answer)) : null,
    fold(`${d.answer.headers.length} headers`, fields(d.answer.headers)))
}

// ---- Sending ----

async function post(order) {
  try {
    const answer = await fetch('/api/send', { method: 'POST', body: JSON.stringify(order) })
    return answer.ok ? await answer.json() : { error: (await answer.text()).trim() }
  } catch (fault) {
    return { error: String(fault.message) }
  }
}

// told says what came of a callback that was sent, for people.
function told(receipt) {
  if (receipt.error) return 'No answer: ' + receipt.error
  return `${receipt.status} ${receipt.text} after ${duration(receipt.took)}\n${receipt.body}`
}

// deliver sends, and opens what arrives.
async function deliver(order) {
  opening = true
  const receipt = await post(order)
  if (!receipt.here) opening = false
  return receipt
}

const targetOf = (d) => gate.gate + withoutSignature(d.request.line.split(' ')[1]).replace(/^https?:\/\/[^/?]*/i, '')

async function sendAgain(d) {
  const receipt = await deliver({ from: d.id, url: targetOf(d), body: null, sign: gate.signed })
  if (receipt.error && $('again-receipt')) $('again-receipt').textContent = told(receipt)
}

// A URL's parameters are edited as text, so that what is not well-formed stays so.
const nameOf = (pair) => { try { return decodeURIComponent(pair.split('=')[0]) } catch { return pair.split('=')[0] } }

function editQuery(url, change) {
  const cut = url.indexOf('?')
  const pairs = cut < 0 ? [] : url.slice(cut + 1).split('&').filter((pair) => pair !== '')
  const query = change(pairs).join('&')
  return (cut < 0 ? url : url.slice(0, cut)) + (query ? '?' + query : '')
}

const withoutSignature = (url) => editQuery(url, (pairs) => pairs.filter((pair) => nameOf(pair) !== 'Sign' && nameOf(pair) !== 'RequestTime'))

function withParameter(url, name, value) {
  return editQuery(url, (pairs) => {
    const at = pairs.findIndex((pair) => nameOf(pair) === name)
    const pair = `${name}=${encodeURIComponent(value)}`
    return at < 0 ? [...pairs, pair] : pairs.with(at, pair)
  })
}

function parameter(url, name) {
  try { return new URL(url).searchParams.get(name) ?? '' } catch { return '' }
}

const callbackURL = (app, command) => `${gate.gate}${gate.path ? encodeURI(gate.path) : '/'}?SdkAppid=${encodeURIComponent(app)}` +
  `&CallbackCommand=${encodeURIComponent(command)}&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI`

async function sampleOf(command) {
  const answer = await fetch('/api/commands/' + encodeURIComponent(command))
  return answer.ok ? answer.text() : '{}'
}

// ---- Compose, and edit ----

let source = 0 // the exchange that is edited
let pristine = '' // its body, as the text area has it

function prepare(title, captured) {
  $('composer-title').textContent = title
  const families = Map.groupBy(gate.commands, (command) => command.split('.')[0])
  $('sample').replaceChildren(...captured ? [make('option', { value: '' }, 'as captured')] : [],
    ...[...families].map(([family, members]) => {
      const group = make('optgroup', { label: family })
      group.append(...members.map((command) => make('option', { value: command }, command)))
      return group
    }))
  $('sign').checked = gate.signed
  $('receipt').className = ''
  $('receipt').textContent = ''
  $('send').disabled = false
}

async function compose() {
  if (!gate || $('composer').open) return
  source = 0
  prepare('Compose a callback', false)
  $('sample').value = gate.command
  $('app').value = gate.apps[0]
  $('url').value = callbackURL(gate.apps[0], gate.command)
  $('composer').showModal()
  setBody(await sampleOf(gate.command))
}

function edit(d) {
  source = d.id
  prepare('Edit and send', true)
  $('url').value = targetOf(d)
  $('app').value = parameter($('url').value, 'SdkAppid')
  setBody(d.request.body)
  pristine = $('body').value
  $('composer').showModal()
}

$('sample').addEventListener('change', async () => {
  const command = $('sample').value
  if (!command) return
  $('url').value = withParameter($('url').value, 'CallbackCommand', command)
  setBody(await sampleOf(command))
})
$('app').addEventListener('input', () => { $('url').value = withParameter($('url').value, 'SdkAppid', $('app').value) })
$('url').addEventListener('input', () => { $('app').value = parameter($('url').value, 'SdkAppid') })

function setBody(body) {
  $('body').value = body
  makeFields()
}

// makeFields makes a form of an object's members. A body that the form would change otherwise is edited as text.
function makeFields() {
  let object = null
  try { object = JSON.parse($('body').value) } catch { /* as text */ }
  const faithful = object && typeof object === 'object' && !Array.isArray(object) && JSON.stringify(object) === $('body').value.trim()
  if (!faithful) {
    $('fields').replaceChildren(make('p', { className: 'note' }, 'A form is there for compact JSON objects. This body is edited as text.'))
    return
  }
  const members = Object.entries(object).map(([name, value]) => ({ name, kind: typeof value, text: JSON.stringify(value), value }))
  $('fields').replaceChildren(...members.map((member, i) => makeField(member, i, members)))
}

function makeField(member, i, members) {
  const write = () => {
    const kept = members.filter((m) => !m.gone).map((m) => JSON.stringify(m.name) + ':' + m.text)
    $('body').value = '{' + kept.join(',') + '}'
  }
  const plain = member.kind === 'string'
  const long = member.text.length > 40 && member.kind === 'object'
  const value = plain ? member.value : member.text
  const input = make(long ? 'textarea' : 'input', { id: 'field-' + i, value, spellcheck: false, autocomplete: 'off' })
  if (long) input.rows = Math.min(5, Math.ceil(member.text.length / 45))
  if (member.kind === 'number') input.inputMode = 'numeric'
  input.addEventListener('input', () => { member.text = plain ? JSON.stringify(input.value) : input.value; write() })
  const field = make('div', { className: 'field' }, make('label', { for: 'field-' + i }, member.name), input)
  field.append(make('button', { type: 'button', title: `Take ${member.name} out`, 'aria-label': `Take ${member.name} out`, onclick: () => {
    member.gone = true
    field.remove()
    write()
  } }, '×'))
  return field
}

$('body').addEventListener('input', makeFields)

$('composer').querySelector('form').addEventListener('submit', async (event) => {
  event.preventDefault()
  $('send').disabled = true
  const receipt = await deliver({ from: source, url: $('url').value.trim(), body: bodyToSend(), sign: $('sign').checked })
  $('send').disabled = false
  if (receipt.here && !receipt.error) {
    $('composer').close()
    return
  }
  $('receipt').textContent = told(receipt)
  $('receipt').className = receipt.error || receipt.status >= 300 ? 'shown bad' : 'shown'
})

// bodyToSend is null for the captured bytes, which a text need not hold.
const bodyToSend = () => source && $('body').value === pristine ? null : $('body').value

$('cancel').addEventListener('click', () => $('composer').close())
$('compose').addEventListener('click', compose)
$('clear').addEventListener('click', () => fetch('/api/clear', { method: 'POST' }))

for (const [id, app] of [['passing', () => gate.apps[0]], ['refused', () => gate.apps.includes('1') ? gate.apps.join('') : '1']]) {
  $(id).addEventListener('click', async () => {
    const receipt = await deliver({ from: 0, url: callbackURL(app(), gate.command), body: await sampleOf(gate.command), sign: gate.signed })
    $('tried').textContent = receipt.error ? told(receipt) : ''
  })
}

// ---- Export ----

const notes = {
  curl: 'A line for a shell. Where the gate asks for a signature, it signs with the token in CHATGATE_TOKEN.',
  http: 'A file with the request as it came, signature included: chatgate check -request FILE explains it offline.',
  json: 'All that this page knows of it, signature included.',
}

async function exportAs(d, form) {
  const answer = await fetch(`/api/callbacks/${d.id}/${form}`)
  $('exporter-title').textContent = { curl: 'As curl', http: 'As a test request', json: 'As JSON' }[form]
  $('exporter-note').textContent = notes[form]
  $('exported').value = await answer.text()
  $('download').href = `/api/callbacks/${d.id}/${form}`
  $('copy').textContent = 'Copy'
  $('exporter').showModal()
  $('copy').focus()
}

$('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText($('exported').value)
    $('copy').textContent = 'Copied'
  } catch {
    $('exported').select()
    $('copy').textContent = 'Press Ctrl-C'
  }
})

// ---- Keys ----

document.addEventListener('keydown', (event) => {
  const typing = event.target.matches('input, textarea, select') || document.querySelector('dialog[open]')
  if (event.key === 'Escape' && event.target.id === 'text') {
    $('text').value = ''
    $('text').dispatchEvent(new Event('input'))
    $('list').focus()
  } else if (event.key === 'Escape' && !typing && selected) leave()
  else if (typing || event.ctrlKey || event.metaKey || event.altKey) return
  else if (event.key === '/') { event.preventDefault(); $('text').focus() }
  else if (event.key === 'c') { event.preventDefault(); compose() }
})

close()
