import { isWhole } from '../../../core/validate.ts'
import type { RedisAddress } from './connection-options.ts'
import type { Reply } from './reply-parser.ts'

/** Number of hash slots of a Cluster. */
export const SLOTS = 16_384
const POLYNOMIAL = 0x1021

/** The hash slot of one of our keys, whose hash tag is ASCII: CRC-16/XMODEM of the text in the first braces. */
export function slotOf(key: string): number {
  const from = key.indexOf('{') + 1
  const to = key.indexOf('}', from)
  let sum = 0
  for (let i = from; i < to; i++) {
    sum ^= key.charCodeAt(i) << 8
    for (let bit = 0; bit < 8; bit++) sum = ((sum << 1) ^ (sum & 0x8000 ? POLYNOMIAL : 0)) & 0xffff
  }
  return sum % SLOTS
}

/** A range of slots and its primary. */
export interface SlotRange {
  readonly first: number
  readonly last: number
  readonly primary: RedisAddress
}

/**
 * Reads a reply to `CLUSTER SLOTS`. A node that does not know its own host gets the one it was asked at. Port 0 means
 * that the other nodes lost its address; its slots have no owner for now.
 */
export function slotRanges(reply: Reply, askedAt: RedisAddress): SlotRange[] {
  if (!Array.isArray(reply) || reply.length === 0) throw new Error('the node knows no slots')
  return reply.flatMap((range) => {
    const [first, last, node] = Array.isArray(range) ? range : []
    const [host, port] = Array.isArray(node) ? node : []
    const isKnown = isWhole(first, 0) && isWhole(last, first) && last < SLOTS
    const name = host ?? ''
    if (isKnown && typeof name === 'string' && (port === 0 || isPort(port)))
      return port === 0 ? [] : { first, last, primary: { host: name || askedAt.host, port } }
    throw new Error('the node does not say where its slots are')
  })
}

function isPort(value: unknown): value is number {
  return isWhole(value, 1) && value < 65_536
}

/** The node to which a command was redirected. */
export interface Redirection {
  /** Redirected for this command only, while the slot is being migrated. */
  readonly asking: boolean
  readonly slot: number
  readonly to: RedisAddress
}

/** Reads `MOVED slot host:port` and `ASK …`; null for other errors. */
export function redirectionOf(message: string, askedAt: RedisAddress): Redirection | null {
  const [, kind, slot, host, port] = /^(MOVED|ASK) (\d+) (.*):(\d+)$/.exec(message) ?? []
  if (kind === undefined || Number(slot) >= SLOTS || !isPort(Number(port))) return null
  return {
    asking: kind === 'ASK',
    slot: Number(slot),
    to: { host: host || askedAt.host, port: Number(port) },
  }
}
