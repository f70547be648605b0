import assert from 'node:assert/strict'
import { once } from 'node:events'
import express from 'express'
import { memoryStore } from 'headgate'
import { rateLimit } from 'headgate/express'
import { expectRateLimit, manualClock } from 'headgate/testing'

const clock = manualClock()
const app = express()
app.use(rateLimit({ limit: '2/min', store: memoryStore({ clock }) }))
app.get('/', (_request, response) => void response.send('hello'))

const server = app.listen(0)
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`

await fetch(url)
expectRateLimit(await fetch(url), { remaining: 0, retryAfterMs: null })
expectRateLimit(await fetch(url), { retryAfterMs: 60_000 })
clock.advance('1m')
assert.equal((await fetch(url)).status, 200)
server.close()
