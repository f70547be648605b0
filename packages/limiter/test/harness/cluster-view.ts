/** What a node of a cluster says about the others, read off CLUSTER NODES. */
import type { RedisServer } from '../redis-server.ts'

export interface NodeView {
  readonly id: string
  readonly isMaster: boolean
  /** Of a replica, the id of its master. */
  readonly masterId: string | null
  /** Whether it is said to be well and is no stranger any more. */
  readonly isKnown: boolean
  /** First and last slot of each range, both included. */
  readonly slots: readonly (readonly [number, number])[]
}

const UNWELL = ['fail', 'fail?', 'handshake', 'noaddr']

export async function viewOf(server: RedisServer): Promise<readonly NodeView[]> {
  const text = String(await server.command('CLUSTER', 'NODES'))
  return text.trim().split('\n').map(parseNode)
}

export function owns(node: NodeView, slot: number): boolean {
  return node.slots.some(([first, last]) => slot >= first && slot <= last)
}

export function countSlots(node: NodeView): number {
  return node.slots.reduce((sum, [first, last]) => sum + last - first + 1, 0)
}

/** The same text for the same owners of slots and the same replicas, whoever is asked. */
export function topology(view: readonly NodeView[]): string {
  const nodes = view.map(({ id, masterId, slots }) => `${id} ${masterId} ${slots.join(' ')}`)
  return nodes.sort().join('\n')
}

function parseNode(line: string): NodeView {
  const [id = '', , flags = '', master = '-', , , , , ...slots] = line.split(' ')
  const words = flags.split(',')
  return {
    id,
    isMaster: words.includes('master'),
    masterId: master === '-' ? null : master,
    isKnown: !UNWELL.some((word) => words.includes(word)),
    slots: slots.filter((range) => !range.startsWith('[')).map(parseRange),
  }
}

function parseRange(text: string): readonly [number, number] {
  const [first, last] = text.split('-').map(Number)
  return [first ?? 0, last ?? first ?? 0]
}
