/** What is wrong right now, each as a sentence or two: the banners on top of the page. */
import type { PageState } from '../live/page-state.ts'
import { plural } from './numbers.ts'
import { clockText } from './times.ts'

export interface Warning {
  readonly id: string
  /** `bad` is what changes decisions, or makes the page say nothing. */
  readonly tone: 'bad' | 'note'
  readonly title: string
  readonly text: string
}

/** All that is wrong, the worst first. */
export function warningsOf(state: PageState): Warning[] {
  const all = [
    connectionWarning(state),
    storeWarning(state),
    rejectedWarning(state),
    shadowWarning(state),
    drainWarning(state),
  ]
  return all.filter((one) => one !== null)
}

function connectionWarning({ connection }: PageState): Warning | null {
  if (connection.status !== 'lost') return null
  const { reason, lastAt, nextAt } = connection
  const last = lastAt === null ? '' : `The figures below are the last ones, of ${clockText(lastAt)}. `
  const text = `${capital(reason)}. ${last}Next try at ${clockText(nextAt)}.`
  return { id: 'connection', tone: 'bad', title: 'Connection lost', text }
}

function storeWarning({ snapshot, health }: PageState): Warning | null {
  if (snapshot === null || snapshot.storeAvailable) return null
  const { breaker, consecutiveFailures } = snapshot.store
  const error = snapshot.store.lastError ?? health?.store.lastError?.message
  const why = error == null ? '' : ` Last error: ${ended(error)}`
  const trying = breaker === 'half-open' ? 'It is being tried again.' : 'It is tried again every half second.'
  const without = withoutStore(snapshot.bySource)
  return {
    id: 'store',
    tone: 'bad',
    title: 'The store does not answer',
    text: `Decisions are made without it, as each policy says for that case${without}. ${plural(consecutiveFailures, 'call')} failed in a row.${why} ${trying}`,
  }
}

/** By what decisions were made without the store, since the start. */
function withoutStore(bySource: Readonly<Record<string, number>> | null): string {
  const of = (source: string, words: string): string[] => {
    const count = bySource?.[source] ?? 0
    return count === 0 ? [] : [`${plural(count, 'decision')} ${words}`]
  }
  const parts = [
    ...of('fallback', 'by the share of this instance'),
    ...of('open', 'let through'),
    ...of('closed', 'turned away'),
  ]
  return parts.length === 0 ? '' : ` (since the start ${parts.join(', ')})`
}

function rejectedWarning({ rejected }: PageState): Warning | null {
  if (rejected === null) return null
  const { file, path, line, message, more } = rejected
  const where = [file, path === '' ? null : path, line === null ? null : `line ${line}`].filter(
    (part) => part !== null,
  )
  const others = more === 0 ? '' : ` And ${plural(more, 'more mistake')}.`
  return {
    id: 'rejected',
    tone: 'bad',
    title: 'A new configuration was rejected',
    text: `The one before it is still in force. ${where.length === 0 ? '' : `${where.join(', ')}: `}${ended(message)}${others}`,
  }
}

function shadowWarning({ allInShadow }: PageState): Warning | null {
  if (!allInShadow) return null
  const text = 'The switch for all policies is on: they count, and deny nobody.'
  return { id: 'shadow', tone: 'note', title: 'All policies are in shadow', text }
}

function drainWarning({ snapshot, health }: PageState): Warning | null {
  if (snapshot?.isDraining !== true && health?.isDraining !== true) return null
  return { id: 'draining', tone: 'note', title: 'Stopping', text: 'This instance takes no new connections.' }
}

/** With one mark at its end, its own or a stop. */
function ended(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
