import { countText, rateText, shareOf, shareText } from '../format/numbers.ts'
import { tookText } from '../format/times.ts'
import { whyText } from '../format/why-text.ts'
import type { Snapshot } from '../live/admin-answers.ts'
import { busiestRules } from '../live/denied-rules.ts'
import type { PageState } from '../live/page-state.ts'
import { sumOfSeconds } from '../live/seconds.ts'

/** What is admitted, what is denied and why, at a glance. */
export function Headline({ state, snapshot }: { readonly state: PageState; readonly snapshot: Snapshot }) {
  const { seconds, rules } = state
  const last = seconds.at(-1)
  const { allowed = 0, denied = 0, shadowDenied = 0 } = last ?? {}
  return (
    <section class="headline" aria-labelledby="now">
      <h2 id="now" class="unseen">
        Now
      </h2>
      <p class="why">{whyText(sumOfSeconds(seconds), busiestRules(rules))}</p>
      <dl class="tiles">
        <Tile
          tone="allowed"
          name="Admitted"
          value={rateText(allowed)}
          unit="/s"
          note={`${countText(snapshot.allowed)} since the start`}
        />
        <Tile
          tone="denied"
          name="Denied"
          value={rateText(denied)}
          unit="/s"
          note={`${shareText(shareOf(denied, allowed + denied))} now, ${countText(snapshot.denied)} in all`}
        />
        <Tile
          tone="shadow"
          name="Would be denied"
          value={rateText(shadowDenied)}
          unit="/s"
          note={`in shadow, ${countText(snapshot.shadowDenied)} in all`}
        />
        <StoreTile snapshot={snapshot} />
      </dl>
    </section>
  )
}

function StoreTile({ snapshot }: { readonly snapshot: Snapshot }) {
  const { storeAvailable, latency, errors } = snapshot
  const p99 = latency?.['store']?.p99Ms
  const took = p99 === undefined ? 'no call in the last minute' : `p99 ${tookText(p99)}`
  const failed = errors === null || errors === 0 ? '' : `, ${countText(errors)} errors`
  // A token of some policies is not told how long calls take.
  const note = latency === null ? '' : `${took}${failed}`
  return (
    <Tile
      tone={storeAvailable ? 'fine' : 'denied'}
      name="Store"
      value={storeAvailable ? 'answers' : 'away'}
      note={note}
    />
  )
}

interface TileProps {
  readonly tone: string
  readonly name: string
  readonly value: string
  readonly unit?: string
  readonly note: string
}

function Tile({ tone, name, value, unit, note }: TileProps) {
  return (
    <div class={`tile ${tone}`}>
      <dt>{name}</dt>
      <dd>
        <span class="figure">
          {value}
          {unit !== undefined && <span class="unit">{unit}</span>}
        </span>
        <span class="quiet">{note}</span>
      </dd>
    </div>
  )
}
