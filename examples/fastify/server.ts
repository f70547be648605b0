import fastify from 'fastify'
import { rateLimit } from 'headgate/fastify'

const app = fastify()
app.addHook('onRequest', rateLimit({ limit: '100/min' }))

const logins = rateLimit({ name: 'login', limit: '5/15m', skipSuccessful: true })
app.post('/login', { onRequest: logins }, (_request, reply) => reply.code(401).send('wrong password'))
app.get('/', () => 'hello')

const { PORT = 3000 } = process.env
await app.listen({ port: Number(PORT) })
