import { serve } from '@hono/node-server'
import { rateLimit } from 'headgate/hono'
import { Hono } from 'hono'

const app = new Hono()
app.use(rateLimit({ limit: '100/min' }))

const logins = rateLimit({ name: 'login', limit: '5/15m', skipSuccessful: true })
app.post('/login', logins, (context) => context.text('wrong password', 401))
app.get('/', (context) => context.text('hello'))

const { PORT = 3000 } = process.env
export const server = serve({ fetch: app.fetch, port: Number(PORT) })
