import { happeningText } from '../format/happening-text.ts'
import { timeText } from '../format/times.ts'
import type { ConfigurationChange, Snapshot } from '../live/admin-answers.ts'
import type { PageState } from '../live/page-state.ts'
import { Panel } from './panel.tsx'

const SHOWN = 6

/** What is in force, since when, what was refused and why, and what people changed. */
export function ConfigurationPanel({
  state,
  snapshot,
}: {
  readonly state: PageState
  readonly snapshot: Snapshot
}) {
  const { changes, happenings } = state
  return (
    <Panel title="Configuration" note={<code>{snapshot.hash}</code>}>
      {changes === null ? (
        <p class="quiet">A token of some policies is not told of changes.</p>
      ) : (
        <ol class="changes" aria-label="Last configurations, newest first">
          {changes.slice(0, SHOWN).map((change) => (
            <ChangeItem key={`${change.at} ${change.hash}`} change={change} now={snapshot.at} />
          ))}
        </ol>
      )}
      {happenings.length > 0 && (
        <>
          <h3>What was done to keys and policies</h3>
          <ol class="changes">
            {happenings.slice(0, SHOWN).map((one) => (
              <li key={`${one.at} ${one.event}`}>
                <time class="quiet">{timeText(one.at, snapshot.at)}</time>{' '}
                {happeningText(one, state.policies)}
              </li>
            ))}
          </ol>
        </>
      )}
    </Panel>
  )
}

function ChangeItem({ change, now }: { readonly change: ConfigurationChange; readonly now: number }) {
  const { at, outcome, hash, reason, path, what } = change
  const isRejected = outcome === 'rejected'
  const where = path === null || path === '' ? '' : `${path}: `
  return (
    <li class={isRejected ? 'rejected' : ''}>
      <time class="quiet">{timeText(at, now)}</time>{' '}
      <span class="tag">{isRejected ? 'rejected' : 'in force'}</span>{' '}
      {!isRejected && hash !== null && <code>{hash}</code>} {what}
      {reason !== null && (
        <p>
          {where}
          {reason}
        </p>
      )}
    </li>
  )
}
