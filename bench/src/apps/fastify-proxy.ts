/** `@fastify/http-proxy` as its page shows it, in front of the application whose URL it is told. */
import fastifyHttpProxy from '@fastify/http-proxy'
import fastify from 'fastify'

const app = fastify()
await app.register(fastifyHttpProxy, { upstream: process.argv[2] as string })
console.log(JSON.stringify({ url: await app.listen({ port: 0, host: '127.0.0.1' }) }))
