import { randomBytes } from 'node:crypto'

/** 48 random bits, so that two processes do not give out the same ids. */
const PROCESS = randomBytes(6).toString('base64url')

let count = 0

/** An id that no other decision has, such as `mX2_vb9Q-1f`. */
export function nextDecisionId(): string {
  count += 1
  return `${PROCESS}-${count.toString(36)}`
}
