import { countText } from '../format/numbers.ts'
import { tookText } from '../format/times.ts'
import type { Snapshot } from '../live/admin-answers.ts'
import { Panel } from './panel.tsx'

const SOURCES: Readonly<Record<string, string>> = {
  store: 'Store',
  lease: 'Lease',
  'deny-cache': 'Known denial',
  fallback: 'Share of this instance',
  open: 'Let through, store away',
  closed: 'Turned away, store away',
  none: 'No rule asked',
}

/** How long decisions took, by what made them. */
export function LatencyTable({ snapshot }: { readonly snapshot: Snapshot }) {
  const { latency, bySource } = snapshot
  const rows = Object.entries(latency ?? {})
  return (
    <Panel title="Latency by source" note="last 1 to 2 minutes">
      {latency === null ? (
        <p class="quiet">A token of some policies is not told this.</p>
      ) : rows.length === 0 ? (
        <p class="quiet">Nothing was decided.</p>
      ) : (
        <table>
          <caption class="unseen">How long decisions took, by source</caption>
          <thead>
            <tr>
              <th scope="col">Decided by</th>
              <th scope="col" class="number">
                p50
              </th>
              <th scope="col" class="number">
                p90
              </th>
              <th scope="col" class="number">
                p99
              </th>
              <th scope="col" class="number">
                In all
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([source, { p50Ms, p90Ms, p99Ms }]) => (
              <tr key={source}>
                <th scope="row">{SOURCES[source] ?? source}</th>
                <td class="number">{tookText(p50Ms)}</td>
                <td class="number">{tookText(p90Ms)}</td>
                <td class="number">{tookText(p99Ms)}</td>
                <td class="number">{countText(bySource?.[source] ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
