import type { DenialView } from '../../service/observe/recent-denials.ts'
import { EXIT } from '../exit.ts'
import { ask, type Fields, parseFields } from './ask.ts'
import { queryText } from './ask-denials.ts'
import type { Connection } from './connection-of.ts'
import { eventText } from './event-text.ts'
import { followEvents } from './follow-events.ts'
import { NftCatchUp } from './nft-catch-up.ts'
import type { NftSets } from './nft-elements.ts'
import { NftFeed } from './nft-feed.ts'
import { jsonText } from './printable.ts'
import type { Terminal } from './terminal.ts'

/** Which events are printed, and how. */
export interface WatchOptions {
  /** Only denials. */
  readonly denied: boolean
  /** Of this policy alone. */
  readonly policy: string | undefined
  readonly json: boolean
  /** How often how things stand is printed for people. */
  readonly everyMs: number
}

/** Runs `headgate watch`: what happens, a line each, until Ctrl-C. */
export async function printEvents(
  connection: Connection,
  options: WatchOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.policy !== undefined) await checkPolicy(connection, options.policy)
  let lastSnapshot = Number.NEGATIVE_INFINITY
  for await (const { name, data } of followEvents(connection, terminal)) {
    const fields = parseFields(data)
    if (fields === null || !isWanted(name, fields, options)) continue
    if (options.json) {
      terminal.write(`${jsonText({ event: name, ...fields })}\n`)
      continue
    }
    if (name === 'snapshot') {
      const now = terminal.now()
      if (now - lastSnapshot < options.everyMs) continue
      lastSnapshot = now
    }
    const line = eventText(name, fields)
    if (line !== null) terminal.write(`${line}\n`)
  }
  return EXIT.done
}

/** Throws what the service says of a name that no policy has: else nothing would ever be printed. */
async function checkPolicy(connection: Connection, policy: string): Promise<void> {
  await ask(connection, { method: 'GET', path: `/v1/denials${queryText({ policy, limit: '1' })}` })
}

function isWanted(name: string, fields: Fields, { denied, policy }: WatchOptions): boolean {
  if (name === 'denial') return policy === undefined || fields['policy'] === policy
  return !denied
}

/** What is printed for a firewall. */
export interface NftOptions {
  readonly sets: NftSets
  readonly policy: string | undefined
}

/** Runs `headgate watch --format nft`: commands of nft that ban whom the service bans. */
export async function printForNft(
  connection: Connection,
  { sets, policy }: NftOptions,
  terminal: Terminal,
): Promise<number> {
  if (policy !== undefined) await checkPolicy(connection, policy)
  const feed = new NftFeed({
    sets,
    write: (line) => terminal.write(`${line}\n`),
    warn: terminal.warn,
    now: terminal.now,
  })
  const catchUp = new NftCatchUp({ connection, feed, policy, terminal })
  const isAsked = (one: { readonly policy: string | null }): boolean =>
    policy === undefined || one.policy === policy
  const refresh = async (): Promise<void> => {
    const { policies } = await ask(connection, { method: 'GET', path: '/v1/policies' })
    if (Array.isArray(policies)) feed.replace(policies)
  }
  for await (const { name, data } of followEvents(connection, terminal)) {
    const fields = parseFields(data) ?? {}
    if (name === 'open' || name === 'configuration') await refresh()
    // Those of before, of a time without a connection, and of seconds with more than are told at once.
    if (name === 'open' || omittedDenials(name, fields) > 0) await catchUp.run()
    else if (name === 'snapshot') catchUp.seenUntil(Number(fields['at']))
    if (name === 'denial' && isAsked(fields as unknown as DenialView))
      feed.add(fields as unknown as DenialView)
    if (name === 'change' && isLetIn(fields) && Array.isArray(fields['keys'])) {
      feed.remove(fields['keys'].filter(isAsked))
    }
  }
  return EXIT.done
}

/** Whether somebody was let in for sure. Older services tell no `outcome`. */
function isLetIn({ action, outcome = 'done' }: Fields): boolean {
  return action !== 'block' && outcome === 'done'
}

function omittedDenials(name: string, { omitted }: Fields): number {
  return name === 'snapshot' ? Number(((omitted ?? {}) as Fields)['denial'] ?? 0) : 0
}
