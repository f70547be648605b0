import express, { type Request } from 'express'
import { memoryStore } from 'headgate'
import { rateLimit } from 'headgate/express'

declare global {
  namespace Express {
    interface Request {
      user: { readonly id: string; readonly plan: 'free' | 'pro' }
    }
  }
}

const PLANS = { free: '20/min', pro: ['10/s', '10000/day'] } as const
const planOf = (request: Request) => (request.get('x-user') === 'ada' ? 'pro' : 'free') // your database
const store = memoryStore()

const app = express()
app.use((request, _response, next) => {
  request.user = { id: request.get('x-user') ?? 'guest', plan: planOf(request) } // your authentication
  next()
})
app.use('/api', rateLimit({ store, key: (r) => r.user.id, limit: (r) => PLANS[r.user.plan] }))
app.get('/api', (request, response) => {
  response.send(`hello, ${request.user.plan}`)
})

const { PORT = 3000 } = process.env
export const server = app.listen(Number(PORT))
