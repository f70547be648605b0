import express from 'express'
import { rateLimit } from 'headgate/express'
import { normalizeKey } from 'headgate/http'

const app = express()
app.use(express.json())

const logins = rateLimit({
  policies: [
    { name: 'login-ip', key: 'ip', rules: ['100/day'] },
    { name: 'login', key: ['ip', 'user'], rules: ['5/15m'], ban: ['1m', '10m', '1h'] },
  ],
  attributes: (request) => ({ user: normalizeKey(request.body?.email) }),
  skipSuccessful: true,
})
app.post('/login', logins, (request, response) => {
  const isRight = request.body?.password === 'correct'
  response.status(isRight ? 200 : 401).send(isRight ? 'welcome' : 'wrong password')
})

const { PORT = 3000 } = process.env
export const server = app.listen(Number(PORT))
