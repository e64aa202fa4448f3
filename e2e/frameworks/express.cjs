// Express with what its guide tells to use. It answers with what it understood, and with the gate's headers.
const { createRequire } = require('node:module')
const express = createRequire(require('node:path').resolve('../interop/package.json'))('express')

const app = express()
app.set('query parser', 'extended')
app.use(express.json(), express.urlencoded({ extended: true }))
app.use((error, request, response, next) => { request.body = null; next() })
app.use((request, response) => {
  const mime = request.headers['content-type'] ?? ''
  const body = request.body && Object.keys(request.body).length > 0 ? request.body : null
  response.json({
    headers: { GroupId: request.headers['x-chat-group-id'], Operator_Account: request.headers['x-chat-operator'], SdkAppid: request.headers['x-chat-app'] },
    json: /json/i.test(mime) ? body : null,
    form: /json/i.test(mime) ? null : body,
    query: request.query
  })
})
app.listen(Number(process.argv[2]), '127.0.0.1')
