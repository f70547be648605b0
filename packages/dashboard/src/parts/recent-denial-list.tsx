import { denialKey, denialText, deniedText, reasonText } from '../format/denial-text.ts'
import { countText } from '../format/numbers.ts'
import { timeText } from '../format/times.ts'
import type { Denial } from '../live/admin-answers.ts'
import type { PageState } from '../live/page-state.ts'
import { KeyButton } from './key-button.tsx'
import type { Looking } from './looking.ts'
import { Panel } from './panel.tsx'

const SHOWN = 12

interface RecentDenialListProps {
  readonly state: PageState
  /** How many of the last second were not told. */
  readonly omitted: number
  readonly onLook: (looking: Looking) => void
}

/** The last denials, each with its reason in a sentence. */
export function RecentDenialList({ state, omitted, onLook }: RecentDenialListProps) {
  const { denials, policies } = state
  const note = omitted > 0 ? `${countText(omitted)} more in the last second` : 'newest first'
  return (
    <Panel title="Recent denials" note={note} class="denials">
      {denials.length === 0 ? (
        <p class="quiet">None that this instance remembers.</p>
      ) : (
        <ol>
          {denials.slice(0, SHOWN).map((denial) => (
            <DenialItem key={denial.id} denial={denial} policies={policies} onLook={onLook} />
          ))}
        </ol>
      )}
    </Panel>
  )
}

interface DenialItemProps extends Pick<PageState, 'policies'> {
  readonly denial: Denial
  /** Null where its key is looked at already. */
  readonly onLook: ((looking: Looking) => void) | null
}

/** One denial. */
export function DenialItem({ denial, policies, onLook }: DenialItemProps) {
  const key = denialKey(denial)
  return (
    <li>
      <div class="denial-head">
        {key === null || onLook === null ? (
          <span class="key">{deniedText(denial, policies)}</span>
        ) : (
          <KeyButton budget={key} policy={policies.get(key.policy)} onLook={onLook} />
        )}
        <span class="tag">{reasonText(denial.reason)}</span>
        <time class="quiet" dateTime={new Date(denial.at).toISOString()}>
          {timeText(denial.at, Date.now())}
        </time>
      </div>
      <p>{denialText(denial, policies)}</p>
    </li>
  )
}
