import type { Visibility } from '../access/visibility.ts'
import type { DecisionMade, StateChanged } from '../events.ts'
import type { Service } from '../service.ts'
import type { BudgetsOf } from './budgets-of.ts'
import { denialView, isSeen } from './denials-view.ts'
import { keptDenial } from './recent-denials.ts'
import { shownKey } from './shown-key.ts'
import type { Watchers } from './watchers.ts'

/** What is told to those who watch is made of these. */
export interface TellingParts {
  readonly service: Service
  readonly budgets: BudgetsOf
  readonly watchers: Watchers
  /** In milliseconds since 1970. */
  readonly now: () => number
}

/** A denial, as it happens. */
export function tellDenial({ budgets, watchers, now }: TellingParts, event: DecisionMade): void {
  if (watchers.isEmpty) return
  // Whom it is about is found out at most once, and only where it is told.
  let made: ReturnType<typeof keptDenial> | undefined
  const { policy } = event.decision
  const options = policy === null ? undefined : budgets.policy(policy)
  watchers.tell('denial', (visibility) => {
    if (!isSeen({ policy, options }, visibility)) return null
    return () => {
      made ??= keptDenial(event, now(), budgets)
      return denialView(made, visibility)
    }
  })
}

/** Tells those who watch of what happens in a thread beside denials, as it does; answers what ends that. */
export function tellRequests(parts: TellingParts): () => void {
  const { service, budgets, watchers, now } = parts
  return endAll([
    service.on('degraded', ({ transport, health }) => {
      const data = () => ({ at: now(), transport, breaker: health().breaker })
      watchers.tell('degraded', ({ isAll }) => (isAll ? data : null))
    }),
    service.on('failure', ({ failure: { code, isCallers }, transport }) => {
      if (!isCallers) tellAll(parts, 'failure', { code, transport })
    }),
    service.on('connection-refused', ({ transport, reason }) =>
      tellAll(parts, 'connection-refused', { transport, reason }),
    ),
    service.on('change', (event) => {
      if (watchers.isEmpty) return
      watchers.tell('change', (visibility) => changeFor(visibility, event, { budgets, now }))
    }),
  ])
}

/** Tells those who watch of what concerns a whole process; answers what ends that. */
export function tellProcess(parts: TellingParts): () => void {
  const { service, budgets, watchers, now } = parts
  return endAll([
    service.on('configuration', ({ hash, isNew }) =>
      watchers.tell('configuration', () => () => ({ at: now(), hash, isNew })),
    ),
    service.on('configuration-rejected', (event) => tellAll(parts, 'configuration-rejected', event)),
    service.on('policy-change', ({ action, name, version, actor }) =>
      watchers.tell('policy-change', (visibility) => {
        // The switch concerns everybody.
        const isTold = name === null || visibility.reaches(name, budgets.policy(name))
        return isTold ? () => ({ at: now(), action, name, version, actor: told(actor, visibility) }) : null
      }),
    ),
  ])
}

/** Tells those alone who see everything. */
function tellAll({ watchers, now }: TellingParts, event: string, data: object): void {
  watchers.tell(event, ({ isAll }) => (isAll ? () => ({ at: now(), ...data }) : null))
}

function endAll(ends: readonly (() => void)[]): () => void {
  return () => {
    for (const end of ends) end()
  }
}

/** A reset or a block as somebody may be told of it. */
function changeFor(
  visibility: Visibility,
  { action, keys, policies, outcome, transport, actor }: StateChanged,
  { budgets, now }: Pick<TellingParts, 'budgets' | 'now'>,
): (() => object) | null {
  const seen = policies.filter((policy) => visibility.reaches(policy, budgets.policy(policy)))
  if (seen.length === 0 && !visibility.isAll) return null
  return () => {
    const named = keys.filter(({ policy }) => seen.includes(policy)).slice(0, KEYS_MAX)
    return {
      at: now(),
      action,
      outcome,
      policies: seen.slice(0, KEYS_MAX),
      keys: named.map((view) => shownKey(view, budgets.policy(view.policy))),
      transport,
      actor: told(actor, visibility),
    }
  }
}

const KEYS_MAX = 20

/** The name of a token, where it is for somebody to know. */
function told(actor: string | undefined, { isAll, isOwn }: Visibility): string | null {
  return actor !== undefined && (isAll || isOwn(actor)) ? actor : null
}
