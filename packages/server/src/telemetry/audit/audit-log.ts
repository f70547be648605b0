import type { KeyView } from 'headgate'
import type { AuditSettings } from '../../service/configuration.ts'
import type { DecisionMade, RequestFailed, StateChanged } from '../../service/events.ts'
import { shownKey } from '../../service/observe/shown-key.ts'
import type { Service } from '../../service/service.ts'
import { keysIn } from '../log/keys-in.ts'
import { LineBudget } from '../log/line-budget.ts'
import { AuditOutput, type AuditOutputOptions } from './audit-output.ts'

/** A flood of denials, or of wrong tokens, must not fill a disk: a second has so many lines of either. */
const LINES_PER_SECOND = 100

/** Tokens that were rejected are errors with these codes. */
const REJECTIONS: readonly string[] = ['unauthenticated', 'forbidden', 'limited']

/** Lines about who changed what, and who was not let. */
export interface AuditLog {
  /** How many lines are lost. */
  readonly lost: number
  /** Writes a line of another thread, with its end. */
  write(line: string): void
  /** Opens the file again, which may have been moved away. */
  reopen(): void
  close(): Promise<void>
}

/** The service whose audit log is written. */
type Audited = Pick<Service, 'on' | 'configuration' | 'keysOf'>

/** Writes what is done to a service, apart from decisions, as `audit` of the configuration in force says. */
export function createAuditLog(service: Audited, options: AuditOutputOptions): AuditLog {
  const output = new AuditOutput(options)
  const settings = (): AuditSettings | undefined => service.configuration().audit
  const writeLine = (line: string): void => output.write(settings(), line)
  const write = (event: string, fields: object): void => {
    if (settings() !== undefined) writeLine(lineOf(event, fields))
  }
  let hash = service.configuration().hash
  const [rejections, denials] = [new LineBudget(options.now), new LineBudget(options.now)]
  auditRequests(service, { write: writeLine, rejections, denials })
  service.on('policy-change', ({ transport, actor, at: _, ...change }) => {
    write('policy-change', { transport, ...by(actor), ...change })
  })
  service.on('configuration', ({ isNew, policies, hash: after }) => {
    if (isNew) write('configuration', { before: hash, after, policies })
    hash = after
  })
  service.on('configuration-rejected', ({ rejected: { more: _, ...rejected } }) => {
    write('configuration-rejected', { hash, ...rejected })
  })
  service.on('certificate', ({ isNew, fingerprint }) => {
    if (isNew) write('certificate', { fingerprint })
  })
  service.on('recording', ({ action, transport, actor, sample, hash: hashed, ...counts }) => {
    write(`record-${action}`, { transport, ...by(actor), sample, hashed, ...counts })
  })
  return {
    write: writeLine,
    get lost() {
      return output.lost
    },
    reopen: () => output.reopen(),
    close: () => output.close(),
  }
}

/** Where lines go, and how many. */
export interface AuditRequestsOptions {
  /** Writes a line, with its end. */
  readonly write: (line: string) => void
  readonly rejections: LineBudget
  readonly denials: LineBudget
}

/** The part of it that is about requests, for the thread that answers them. */
export function auditRequests(
  service: Audited,
  { write: writeLine, rejections, denials }: AuditRequestsOptions,
): void {
  const settings = (): AuditSettings | undefined => service.configuration().audit
  const write = (event: string, fields: object): void => writeLine(lineOf(event, fields))
  service.on('change', (event) => {
    if (settings() !== undefined) write(event.action, changeFields(service, event))
  })
  service.on('failure', (event) => {
    if (!REJECTIONS.includes(event.failure.code) || settings() === undefined) return
    const withheld = rejections.take(LINES_PER_SECOND)
    if (withheld !== null) write('token-rejected', { ...rejectionFields(event), ...more(withheld) })
  })
  service.on('decision', (event) => {
    if (event.decision.allowed || event.verb === 'peek' || settings()?.denials !== true) return
    const withheld = denials.take(LINES_PER_SECOND)
    if (withheld !== null) write('denial', { ...denialFields(service, event), ...more(withheld) })
  })
}

function lineOf(event: string, fields: object): string {
  return `${JSON.stringify({ time: new Date().toISOString(), audit: true, event, ...fields })}\n`
}

function changeFields(
  service: Pick<Service, 'configuration'>,
  { transport, actor, policies, outcome, keys }: StateChanged,
): object {
  return { transport, ...by(actor), outcome, policies, keys: shownKeys(service, keys) }
}

function rejectionFields({ transport, actor, failure: { code, detail } }: RequestFailed): object {
  return { transport, ...by(actor), code, detail }
}

function denialFields(
  service: Pick<Service, 'configuration' | 'keysOf'>,
  { id, transport, actor, verb, decision, request }: DecisionMade,
): object {
  const { reason, policy, rule } = decision
  return {
    id,
    transport,
    ...by(actor),
    verb,
    reason,
    policy,
    rule,
    keys: shownKeys(service, keysIn(service, request)),
  }
}

/** Keys as they may be kept: a file of those who changed something is no place for API keys. */
function shownKeys(service: Pick<Service, 'configuration'>, keys: readonly KeyView[]): KeyView[] {
  const { policies } = service.configuration()
  return keys.map((view) =>
    shownKey(
      view,
      policies.find(({ name }) => name === view.policy),
    ),
  )
}

function by(actor: string | undefined): object {
  return actor === undefined ? {} : { actor }
}

function more(withheld: number): object {
  return withheld > 0 ? { withheld } : {}
}
