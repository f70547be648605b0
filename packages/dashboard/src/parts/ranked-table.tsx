import type { PolicyTable } from '../format/denial-text.ts'
import { countText, shareOf } from '../format/numbers.ts'
import { spanText } from '../format/times.ts'
import type { RankedKey, RankedKeys } from '../live/admin-answers.ts'
import { Bar } from './bar.tsx'
import { KeyButton } from './key-button.tsx'
import type { LookAt } from './looking.ts'
import { Panel } from './panel.tsx'

interface RankedTableProps {
  readonly title: string
  readonly unit: 'requests' | 'denied'
  readonly ranked: RankedKeys
  readonly policies: PolicyTable
  readonly onLook: LookAt
}

/** The keys with the highest counts of the last minutes. */
export function RankedTable({ title, unit, ranked, policies, onLook }: RankedTableProps) {
  const { keys, window, sampledOneIn } = ranked
  const most = Math.max(1, ...keys.map(({ count }) => count))
  const span = spanText(Math.max(1000, window.to - window.from))
  const sampled = sampledOneIn > 1 ? `, estimated from 1 in ${countText(sampledOneIn)}` : ''
  return (
    <Panel title={title} note={`last ${span}${sampled}`}>
      {keys.length === 0 ? (
        <p class="quiet">{unit === 'denied' ? 'Nobody was denied.' : 'Nobody asked.'}</p>
      ) : (
        <table>
          <caption class="unseen">{title}</caption>
          <thead class="unseen">
            <tr>
              <th scope="col">Key and policy</th>
              <th scope="col">{unit}</th>
            </tr>
          </thead>
          <tbody>
            {keys.map((one) => (
              <tr key={`${one.policy} ${one.key}`}>
                <th scope="row">
                  <KeyButton budget={one} policy={policies.get(one.policy)} onLook={onLook} />{' '}
                  <span class="quiet">{one.policy}</span>
                  <Bar share={shareOf(one.count, most)} tone={unit === 'denied' ? 'denied' : 'allowed'} />
                </th>
                <td class="number">{rankText(one)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

/** A count that is estimated says so. */
function rankText({ count, error, margin }: RankedKey): string {
  return error + margin > 0 ? `≈ ${countText(count)}` : countText(count)
}
