import { createHmac, timingSafeEqual } from 'node:crypto'
import express, { type Request } from 'express'
import { rateLimit } from 'headgate/express'

const secrets = new Map([['shop', 'its secret']])

function senderOf(request: Request): string | undefined {
  const sender = request.get('x-sender') ?? ''
  const digest = createHmac('sha256', secrets.get(sender) ?? '')
    .update(request.body)
    .digest('hex')
  const given = Buffer.from(request.get('x-signature') ?? '')
  const isSigned = given.length === digest.length && timingSafeEqual(given, Buffer.from(digest))
  return isSigned && secrets.has(sender) ? sender : undefined
}

const app = express()
app.use(express.raw({ type: '*/*' }))
app.post('/hooks', rateLimit({ name: 'hooks', key: senderOf, limit: '100/min' }), (request, response) => {
  response.sendStatus(senderOf(request) === undefined ? 401 : 202)
})

const { PORT = 3000 } = process.env
export const server = app.listen(Number(PORT))
