import { limitText, type PolicyTable } from '../format/denial-text.ts'
import { countText, shareOf } from '../format/numbers.ts'
import { spanText } from '../format/times.ts'
import { briefText } from '../format/visible-text.ts'
import { ruleName } from '../format/why-text.ts'
import {
  busiestRules,
  type DeniedRule,
  hasMinute,
  RULE_SECONDS,
  type RuleTable,
  secondsFollowed,
} from '../live/denied-rules.ts'
import { Bar } from './bar.tsx'
import { Panel } from './panel.tsx'
import { Sparkline } from './sparkline.tsx'

const ROWS_MAX = 8
/** Of each name of a policy and of a rule: the title of the row has all of it. */
const NAME_MAX = 32

/** Which rules deny, the busiest of the last minute first. */
export function DeniedByRule({
  rules,
  policies,
}: {
  readonly rules: RuleTable
  readonly policies: PolicyTable
}) {
  const busiest = busiestRules(rules)
  const isLately = hasMinute(busiest)
  const most = Math.max(1, ...busiest.map((one) => countOf(one, isLately)))
  const more = busiest.length - ROWS_MAX
  const followed = spanText(1000 * Math.max(1, secondsFollowed(busiest)))
  return (
    <Panel title="Denied by rule" note={`most first, ${isLately ? 'last minute' : 'since the start'}`}>
      {busiest.length === 0 ? (
        <p class="quiet">No rule has denied anything since the start.</p>
      ) : (
        <table>
          <caption class="unseen">Denials of each rule while this page looks and since the start</caption>
          <thead>
            <tr>
              <th scope="col">Policy and rule</th>
              <th scope="col" class="wide-only">
                Course
              </th>
              <th scope="col" class="number">
                Last {followed}
              </th>
              <th scope="col" class="number">
                Since start
              </th>
            </tr>
          </thead>
          <tbody>
            {busiest.slice(0, ROWS_MAX).map((one) => (
              <RuleRow
                key={ruleName(one)}
                one={one}
                counts={{ most, isLately }}
                limit={limitOf(one, policies)}
              />
            ))}
          </tbody>
        </table>
      )}
      {more > 0 && <p class="quiet">And {countText(more)} more that denied less.</p>}
    </Panel>
  )
}

/** What a rule denied, or would have: in the last minute, or since the start. */
function countOf(
  { denied, shadowDenied, recentDenied, recentShadow }: DeniedRule,
  isLately: boolean,
): number {
  if (denied === 0) return isLately ? recentShadow : shadowDenied
  return isLately ? recentDenied : denied
}

interface RuleRowProps {
  readonly one: DeniedRule
  /** What bars are of, and whether that is of the last minute. */
  readonly counts: { readonly most: number; readonly isLately: boolean }
  readonly limit: string | null
}

function RuleRow({ one, counts: { most, isLately }, limit }: RuleRowProps) {
  const { denied, shadowDenied, recentDenied, recentShadow, perSecond } = one
  const isShadow = denied === 0
  const recent = isShadow ? recentShadow : recentDenied
  const tone = isShadow ? 'shadow' : 'denied'
  return (
    <tr>
      <th scope="row">
        <span class="name" title={ruleName(one)}>
          {briefRule(one)}
        </span>
        <span class="quiet">
          {limit}
          {isShadow && ' in shadow'}
        </span>
        <Bar share={shareOf(countOf(one, isLately), most)} tone={tone} />
      </th>
      <td class="wide-only">
        <Sparkline values={isShadow ? one.shadowPerSecond : perSecond} room={RULE_SECONDS} tone={tone} />
      </td>
      <td class="number">{countText(recent)}</td>
      <td class="number">{countText(isShadow ? shadowDenied : denied)}</td>
    </tr>
  )
}

/** Both names are brief, so that neither pushes the other away. */
function briefRule({ policy, rule }: DeniedRule): string {
  const brief = (name: string | null): string | null => name && briefText(name, NAME_MAX)
  return ruleName({ policy: brief(policy), rule: brief(rule) })
}

function limitOf({ policy, rule }: DeniedRule, policies: PolicyTable): string | null {
  return policy === null || rule === null ? null : limitText(policies.get(policy), rule)
}
