import { useState } from 'preact/hooks'
import { refusalOf } from '../format/key-action.ts'
import type { Reach } from '../format/key-reach.ts'
import { EVERYBODY } from '../format/read-key.ts'
import type { Denial, PolicyUse } from '../live/admin-answers.ts'
import type { AdminClient } from '../live/admin-client.ts'
import { groupDenials } from '../live/group-denials.ts'
import type { PageState } from '../live/page-state.ts'
import { KeyActions } from './key-actions.tsx'
import { PolicyUseItem } from './policy-use-item.tsx'
import { DenialItem } from './recent-denial-list.tsx'
import { useKeyUse } from './use-key-use.ts'

interface KeyViewProps {
  /** Whom it is about, in words. */
  readonly name: string
  readonly reach: Reach
  readonly state: PageState
  readonly client: AdminClient
  readonly onClose: () => void
}

const DENIALS_SHOWN = 6

/** How one key stands under its policies. */
export function KeyView({ name, reach, state, client, onClose }: KeyViewProps) {
  const [again, setAgain] = useState(0)
  const { policies, course, problem, denials } = useKeyUse(client, reach, again)
  const own = policies === null ? [] : groupDenials(denialsOf(policies, [...state.denials, ...denials]))
  const refusal = refusalOf(state.health)
  return (
    <div class="key-view" data-key={name}>
      <div class="panel-head">
        <h3>
          <span class="key">{name}</span>
        </h3>
        <button type="button" class="small" onClick={onClose}>
          Close
        </button>
      </div>
      {problem !== null && <p class="problem">{problem}</p>}
      {policies?.length === 0 && (
        <p class="quiet">No policy has a budget for this: its key is made of other attributes.</p>
      )}
      {policies !== null && policies.length > 0 && (
        <>
          <div class="uses">
            {policies.map((use) => (
              <PolicyUseItem key={use.policy} use={use} course={course} />
            ))}
          </div>
          {refusal === null ? (
            state.health !== null && (
              <KeyActions of={{ name, reach, policies }} client={client} onDone={() => setAgain(again + 1)} />
            )
          ) : (
            <p class="quiet">{refusal}</p>
          )}
          <h4>Its denials</h4>
          {own.length === 0 ? (
            <p class="quiet">None that this instance remembers.</p>
          ) : (
            <ol class="denials">
              {own.slice(0, DENIALS_SHOWN).map((group) => (
                <DenialItem key={group.id} group={group} policies={state.policies} onLook={null} />
              ))}
            </ol>
          )}
        </>
      )}
    </div>
  )
}

/** Those in which one of these budgets was asked, each once; those of everybody only where it was that budget that denied. */
function denialsOf(policies: readonly PolicyUse[], denials: readonly Denial[]): Denial[] {
  const isOwn = ({ keys, policy: denier }: Denial): boolean =>
    keys.some(
      ({ policy, key }) =>
        (key !== EVERYBODY || policy === denier) &&
        policies.some((use) => use.policy === policy && use.key === key),
    )
  const own = new Map(denials.filter(isOwn).map((denial) => [denial.id, denial]))
  return [...own.values()].sort((a, b) => b.at - a.at)
}
