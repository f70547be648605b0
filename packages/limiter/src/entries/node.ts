/** The entry `headgate/node`. */

export { rateLimit } from '../adapters/node.ts'
