import express, { type Request } from 'express'
import { policySource } from 'headgate'
import { rateLimit } from 'headgate/express'

const plans = new Map([['acme', '200/min']]) // in your database
const db = { limitOf: async (tenant: string) => plans.get(tenant) ?? '20/min' }
const sessionOf = (request: Request) => ({
  // your authentication
  tenant: request.get('x-tenant'),
  user: request.get('x-user'),
})

const app = express()
app.use(
  rateLimit({
    attributes: sessionOf,
    policies: policySource({
      key: ({ tenant }) => tenant,
      load: async (tenant) => [
        { name: 'tenant', key: 'global', rules: [await db.limitOf(tenant)] },
        { name: 'user', key: 'user', rules: ['15/min'] },
      ],
      ttl: '30s',
      fallback: '20/min',
    }),
  }),
)
app.get('/', (request, response) => {
  response.send(`hello ${sessionOf(request).user}`)
})

const { PORT = 3000 } = process.env
export const server = app.listen(Number(PORT))
