import { randomBytes } from 'node:crypto'

/** 48 random bits, so that two processes do not give out the same ids. */
const PROCESS = processPart(randomBytes(6))

let count = 0

/** An id that no other decision has, such as `mX2_vb9Q-1f`. */
export function nextDecisionId(): string {
  count += 1
  return `${PROCESS}-${count.toString(36)}`
}

/** Never begins with a `-`, with which it would be an option of `headgate denials`. */
export function processPart(random: Buffer): string {
  return random.toString('base64url').replace(/^-/, '_')
}
