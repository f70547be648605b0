/** The entry `headgate/koa`. */

export { rateLimit } from '../adapters/koa.ts'
