import { limitText, type PolicyTable } from '../format/denial-text.ts'
import { countText, shareOf } from '../format/numbers.ts'
import { spanText } from '../format/times.ts'
import { ruleName } from '../format/why-text.ts'
import { busiestRules, type DeniedRule, RULE_SECONDS, type RuleTable } from '../live/denied-rules.ts'
import { Bar } from './bar.tsx'
import { Panel } from './panel.tsx'
import { Sparkline } from './sparkline.tsx'

const ROWS_MAX = 8

/** Which rules deny, the busiest of the last minute first. */
export function DeniedByRule({
  rules,
  policies,
}: {
  readonly rules: RuleTable
  readonly policies: PolicyTable
}) {
  const busiest = busiestRules(rules)
  const most = Math.max(1, ...busiest.map(({ recentDenied, recentShadow }) => recentDenied + recentShadow))
  const more = busiest.length - ROWS_MAX
  return (
    <Panel title="Denied by rule" note={`last ${spanText(1000 * secondsOf(rules))}`}>
      {busiest.length === 0 ? (
        <p class="quiet">No rule has denied anything since the start.</p>
      ) : (
        <table>
          <caption class="unseen">Denials of each rule lately and since the start</caption>
          <thead>
            <tr>
              <th scope="col">Policy and rule</th>
              <th scope="col" class="wide-only">
                Course
              </th>
              <th scope="col" class="number">
                Lately
              </th>
              <th scope="col" class="number">
                In all
              </th>
            </tr>
          </thead>
          <tbody>
            {busiest.slice(0, ROWS_MAX).map((one) => (
              <RuleRow key={ruleName(one)} one={one} most={most} limit={limitOf(one, policies)} />
            ))}
          </tbody>
        </table>
      )}
      {more > 0 && <p class="quiet">And {countText(more)} more that denied less.</p>}
    </Panel>
  )
}

/** For how long rules are followed, at most a minute. */
function secondsOf(rules: RuleTable): number {
  return Math.max(1, ...[...rules.values()].map(({ perSecond }) => perSecond.length))
}

interface RuleRowProps {
  readonly one: DeniedRule
  readonly most: number
  readonly limit: string | null
}

function RuleRow({ one, most, limit }: RuleRowProps) {
  const { denied, shadowDenied, recentDenied, recentShadow, perSecond } = one
  const isShadow = denied === 0
  const recent = isShadow ? recentShadow : recentDenied
  const tone = isShadow ? 'shadow' : 'denied'
  return (
    <tr>
      <th scope="row">
        <span class="name">{ruleName(one)}</span>
        <span class="quiet">
          {limit}
          {isShadow && ' in shadow'}
        </span>
        <Bar share={shareOf(recent, most)} tone={tone} />
      </th>
      <td class="wide-only">
        <Sparkline values={isShadow ? one.shadowPerSecond : perSecond} room={RULE_SECONDS} tone={tone} />
      </td>
      <td class="number">{countText(recent)}</td>
      <td class="number">{countText(isShadow ? shadowDenied : denied)}</td>
    </tr>
  )
}

function limitOf({ policy, rule }: DeniedRule, policies: PolicyTable): string | null {
  return policy === null || rule === null ? null : limitText(policies.get(policy), rule)
}
