/** The entry `headgate/express`. */

export { rateLimit } from '../adapters/express.ts'
