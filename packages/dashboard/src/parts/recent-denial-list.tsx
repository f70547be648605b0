import { denialText, reasonText } from '../format/denial-text.ts'
import { readShown } from '../format/key-reach.ts'
import { countText } from '../format/numbers.ts'
import { briefKeyText } from '../format/read-key.ts'
import { timeText } from '../format/times.ts'
import { type DenialGroup, groupDenials } from '../live/group-denials.ts'
import type { PageState } from '../live/page-state.ts'
import { KeyButton } from './key-button.tsx'
import type { LookAt } from './looking.ts'
import { Panel } from './panel.tsx'

const SHOWN = 9

interface RecentDenialListProps {
  readonly state: PageState
  /** How many of the last second were not told. */
  readonly omitted: number
  readonly onLook: LookAt
}

/** The last denials, each with its reason in a sentence. */
export function RecentDenialList({ state, omitted, onLook }: RecentDenialListProps) {
  const { denials, policies } = state
  const note = omitted > 0 ? `${countText(omitted)} more in the last second` : 'newest first'
  return (
    <Panel title="Recent denials" note={note}>
      {denials.length === 0 ? (
        <p class="quiet">None that this instance remembers.</p>
      ) : (
        <ol class="denials">
          {groupDenials(denials)
            .slice(0, SHOWN)
            .map((group) => (
              <DenialItem key={group.id} group={group} policies={policies} onLook={onLook} />
            ))}
        </ol>
      )}
    </Panel>
  )
}

interface DenialItemProps extends Pick<PageState, 'policies'> {
  readonly group: DenialGroup
  /** Null where its key is looked at already. */
  readonly onLook: LookAt | null
}

/** Denials of one key by one rule. */
export function DenialItem({ group, policies, onLook }: DenialItemProps) {
  const { denial, budget, count } = group
  return (
    <li>
      <div class="denial-head">
        <DeniedKey budget={budget} policies={policies} onLook={onLook} />
        <span class="tag">{reasonText(denial.reason)}</span>
        {count > 1 && <span class="quiet">{countText(count)} times</span>}
        <time class="quiet" dateTime={new Date(denial.at).toISOString()}>
          {timeText(denial.at, Date.now())}
        </time>
      </div>
      <p>{denialText(denial, policies)}</p>
    </li>
  )
}

function DeniedKey({
  budget,
  policies,
  onLook,
}: Pick<DenialItemProps, 'policies' | 'onLook'> & Pick<DenialGroup, 'budget'>) {
  if (budget === null) return <span class="key">somebody</span>
  const policy = policies.get(budget.policy)
  if (onLook === null) return <span class="key">{briefKeyText(readShown(budget.key, policy))}</span>
  return <KeyButton budget={budget} policy={policy} onLook={onLook} />
}
