import express, { type Request } from 'express'
import { rateLimit } from 'headgate/express'
import { byApiKey } from 'headgate/http'

const used = new WeakMap<Request, number>()

const app = express()
const tokens = rateLimit({
  name: 'tokens',
  key: byApiKey(),
  limit: '10000/day',
  cost: 4000, // the most that an answer takes
  charge: (_outcome, request) => used.get(request) ?? 0,
  headers: { unit: 'tokens' },
})
app.get('/chat', tokens, async (request, response) => {
  let count = 0
  for await (const chunk of answer()) {
    count += chunk.tokens
    used.set(request, count)
    if (response.destroyed) return
    response.write(chunk.text)
  }
  response.end()
})

async function* answer() {
  for (const text of ['Rate ', 'limits ', 'are ', 'kind.\n']) yield { text, tokens: 900 }
}

const { PORT = 3000 } = process.env
export const server = app.listen(Number(PORT))
