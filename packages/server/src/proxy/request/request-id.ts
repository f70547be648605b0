import { randomBytes } from 'node:crypto'

const ID = /^[A-Za-z0-9._-]{1,64}$/

/** Random for each thread, so that ids of several processes are different ones. */
const PREFIX = randomBytes(9).toString('base64url')
let made = 0

/** Makes an id that no other request of any process has. It is no secret: the next one can be guessed. */
export function makeRequestId(): string {
  made++
  return `${PREFIX}-${made.toString(36)}`
}

/** Whether a text may stand in logs and header fields as it is. */
export function isRequestId(text: string): boolean {
  return ID.test(text)
}
