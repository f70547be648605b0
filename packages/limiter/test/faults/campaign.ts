/** Puts a store through one fault while callers of every mode ask, and says what they saw. */
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../harness/until.ts'
import { CALLERS } from './budgets.ts'
import type { Longest } from './cohorts.ts'
import type { Accounts, Fault, Scene } from './fault.ts'
import { type Footprint, footprint, handlesMore } from './footprint.ts'
import { Stage } from './stage.ts'

/** What a fault did. */
export interface Findings {
  /** At the moment it struck, of each mode. */
  readonly inFlight: number
  readonly decisions: number
  readonly longest: Longest
  /** Admitted by the store, and what that has charged; since it last forgot everything. */
  readonly admitted: number
  readonly charged: number
  /** Admitted in place of the store. */
  readonly local: number
  readonly open: number
  readonly closed: number
  /** Units charged before that the store did not know any more. */
  readonly forgotten: number
  /** When the last answer said so, in milliseconds since the fault struck. */
  readonly forgottenAtMs: number
  /** Until the last caller was answered by the store again, from its return. */
  readonly backMs: number
  readonly heapBytes: number
  /** What the limiters hold against the store while the fault lasts; null where that is nothing. */
  readonly lastError: string | null
  /** What must not be: one sentence each. */
  readonly problems: readonly string[]
}

const WARM_MS = 300
const AFTER_MS = 300
/** What was under way when a store fell silent may be answered still. */
const SILENT_AFTER_MS = 100
const BACK_MS = 2000
/** Less than LOADING and CLIENT PAUSE last longer than others. */
const SAID_MS = 500
const HEAP_BYTES = 4 << 20
/** Without an answer of the store for less than this, on a busy machine, is not concerned by the fault. */
const SPARED_MS = 1000

export async function campaign(fault: Fault): Promise<Findings> {
  await using scene = await fault.open()
  if (fault.fromStart) await scene.strike()
  await using stage = new Stage({ connection: scene.connection, forgets: fault.forgets })
  const problems: string[] = []
  const before = await warmUp(fault, stage)
  stage.play()
  await stage.rush()
  const inFlight = Math.min(...stage.inFlight)
  if (inFlight < CALLERS) problems.push(`only ${inFlight} decisions were in flight`)
  await strike(fault, scene, stage)
  await last(fault, stage, problems)
  const [lastError = null] = stage.lastErrors
  const backMs = await comeBack(scene, stage, problems)
  problems.push(...spared(fault, stage))
  for (const ledger of stage.ledgers) ledger.over()
  await scene.aftermath()
  await until('all are well', () => stage.isHealthy)
  await sleep(AFTER_MS)
  await stage.pause()
  const own = await settleUp(fault, stage)
  const others = await scene.accounts()
  const heapBytes = await compare(before, problems)
  if (!(await stage.isReady())) problems.push('not ready in the end')
  const { ledgers } = stage
  const [local, open, closed] = ledgers.map((ledger) => ledger.admitted.standIn)
  return {
    inFlight,
    decisions: ledgers.reduce((sum, { issued }) => sum + issued, 0),
    longest: ledgers.map(({ longest }) => longest).reduce((a, b) => (a.ms > b.ms ? a : b)),
    admitted: own.admitted + (others?.admitted ?? 0),
    charged: own.charged + (others?.charged ?? 0),
    local: local ?? 0,
    open: open ?? 0,
    closed: closed ?? 0,
    forgotten: ledgers.reduce((sum, ledger) => sum + ledger.forgotten, 0),
    forgottenAtMs: Math.max(...ledgers.map(({ forgottenAtMs }) => forgottenAtMs)),
    backMs,
    heapBytes,
    lastError: fault.answers === 'all' ? null : lastError,
    problems: [
      ...problems,
      ...own.problems,
      ...(others?.problems ?? []),
      ...ledgers.flatMap((ledger) => ledger.problems),
    ],
  }
}

/** What the process holds once everything has run for a while. */
async function warmUp({ fromStart }: Fault, stage: Stage): Promise<Footprint> {
  if (!fromStart) await stage.store.ping()
  stage.play()
  await sleep(WARM_MS)
  await stage.pause()
  const now = footprint()
  // The server that is to come, and the connection to it.
  if (fromStart) return { ...now, handles: [...now.handles, 'ProcessWrap', 'TCPSocketWrap'] }
  await until('all are well', () => stage.isHealthy)
  return now
}

async function strike({ fromStart, forgets }: Fault, scene: Scene, stage: Stage): Promise<void> {
  for (const ledger of stage.ledgers) ledger.struck()
  if (fromStart) return
  stage.hurry = true
  await scene.strike()
  stage.hurry = false
  if (forgets === 'all') for (const ledger of stage.ledgers) ledger.forget()
}

async function last({ answers, lastsMs, says }: Fault, stage: Stage, problems: string[]): Promise<void> {
  if (answers !== 'nothing') return await sleep(lastsMs)
  await sleep(SILENT_AFTER_MS)
  for (const ledger of stage.ledgers) ledger.silent()
  const [isReady] = await Promise.all([stage.isReady(), sleep(lastsMs - SILENT_AFTER_MS)])
  if (says !== null && !(await isSaid(says, stage))) problems.push(`lastError says ${stage.lastErrors[0]}`)
  if (isReady) problems.push('ready without a store')
  const states = stage.limiters.map((limiter) => limiter.health().store)
  if (states.includes('reachable')) problems.push(`health says ${states} of a store that does not answer`)
}

/** Whether health tells the cause: the last probe may have failed for want of time. */
function isSaid(says: RegExp, stage: Stage): Promise<boolean> {
  const said = (): boolean => stage.lastErrors.some((message) => says.test(message))
  return until('the cause is told', said, { withinMs: SAID_MS }).catch(() => false)
}

/** Milliseconds until every caller is answered by the store. */
async function comeBack(scene: Scene, stage: Stage, problems: string[]): Promise<number> {
  for (const ledger of stage.ledgers) ledger.healing()
  await scene.heal()
  const returnedAt = performance.now()
  for (const ledger of stage.ledgers) ledger.returned()
  await until('the store answers everybody', () => stage.ledgers.every((ledger) => ledger.isBack))
  const backMs = Math.max(...stage.ledgers.map(({ backAt }) => Math.max(...backAt))) - returnedAt
  if (backMs > BACK_MS) problems.push(`back after ${backMs.toFixed(0)} ms`)
  return backMs
}

/** Whether those were spared whom the fault did not concern. */
function spared({ answers }: Fault, stage: Stage): string[] {
  if (answers === 'all') return stage.lastErrors.filter((message) => !message.includes('no answer within'))
  if (answers !== 'most keys') return []
  return stage.ledgers.flatMap(({ mode, gapsMs }) => {
    const count = gapsMs.filter((ms) => ms < SPARED_MS).length
    return count * 2 > CALLERS ? [] : [`${mode}: the store answered only ${count} callers all the time`]
  })
}

/** Compares what clients were told with what the store charged. */
async function settleUp({ forgets }: Fault, stage: Stage): Promise<Accounts> {
  const problems: string[] = []
  const sum = { admitted: 0, charged: 0 }
  for (const { mode, admittedByStore, asked, issued, settled } of stage.ledgers) {
    if (issued !== settled) problems.push(`${mode}: issued ${issued}, settled ${settled}`)
    const charges = await stage.charges(mode)
    charges.forEach((charged, caller) => {
      const [admitted, most] = [admittedByStore[caller] as number, asked[caller] as number]
      sum.admitted += admitted
      sum.charged += charged
      const isLost = forgets !== 'uncopied' && charged < admitted
      if (isLost)
        problems.push(`${mode}: caller ${caller} was admitted ${admitted} times, charged ${charged}`)
      if (!(charged <= most))
        problems.push(`${mode}: caller ${caller} asked ${most} times, charged ${charged}`)
    })
  }
  return { ...sum, problems }
}

async function compare(before: Footprint, problems: string[]): Promise<number> {
  const more = (): readonly string[] => handlesMore(before, footprint())
  await until('handles are as before', () => more().length === 0, { withinMs: 2000 }).catch(() => {})
  const handles = more()
  if (handles.length > 0) problems.push(`more handles than before: ${handles.join(', ')}`)
  const heapBytes = footprint().heapBytes - before.heapBytes
  if (heapBytes > HEAP_BYTES) problems.push(`the heap grew by ${heapBytes} bytes`)
  return heapBytes
}
