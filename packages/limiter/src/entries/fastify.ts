/** The entry `headgate/fastify`. */

export { rateLimit } from '../adapters/fastify.ts'
