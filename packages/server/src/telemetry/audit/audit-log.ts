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
  /** Opens the file again, which may have been moved away. */
  reopen(): void
  close(): Promise<void>
}

/** Writes what is done to a service, apart from decisions, as `audit` of the configuration in force says. */
export function createAuditLog(
  service: Pick<Service, 'on' | 'configuration' | 'keysOf'>,
  options: AuditOutputOptions,
): AuditLog {
  const output = new AuditOutput(options)
  const settings = (): AuditSettings | undefined => service.configuration().audit
  const write = (event: string, fields: object): void => output.write(settings(), { event, ...fields })
  let hash = service.configuration().hash
  service.on('change', (event) => write(event.action, changeFields(service, event)))
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
  const rejections = new LineBudget(options.now)
  service.on('failure', (event) => {
    if (!REJECTIONS.includes(event.failure.code) || settings() === undefined) return
    const withheld = rejections.take(LINES_PER_SECOND)
    if (withheld !== null) write('token-rejected', { ...rejectionFields(event), ...more(withheld) })
  })
  const denials = new LineBudget(options.now)
  service.on('decision', (event) => {
    if (event.decision.allowed || event.verb === 'peek' || settings()?.denials !== true) return
    const withheld = denials.take(LINES_PER_SECOND)
    if (withheld !== null) write('denial', { ...denialFields(service, event), ...more(withheld) })
  })
  return output
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
