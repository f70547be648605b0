import { initTRPC } from '@trpc/server'
import { createHTTPServer } from '@trpc/server/adapters/standalone'
import { rateLimit } from 'headgate/trpc'

const t = initTRPC.context<{ user: { id: string } }>().create()
const limited = t.procedure.use(rateLimit({ limit: '20/min', key: ({ ctx }) => ctx.user.id }))

const router = t.router({
  search: limited.query(() => ['a', 'b']),
})

export const server = createHTTPServer({
  router,
  createContext: ({ req }) => ({ user: { id: String(req.headers['x-user']) } }), // your authentication
})
const { PORT = 3000 } = process.env
server.listen(Number(PORT))
