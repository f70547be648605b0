/** The entry `headgate/hono`. */

export { rateLimit } from '../adapters/hono.ts'
