import { countText, plural, shareOf } from '../format/numbers.ts'
import { spanText } from '../format/times.ts'
import type { PolicyUse, RuleUse } from '../live/admin-answers.ts'
import { courseId, type KeyCourse } from '../live/key-course.ts'
import { Bar } from './bar.tsx'
import { Sparkline } from './sparkline.tsx'

/** From here on a budget is nearly gone. */
const NEARLY = 0.8
/** A course is drawn as wide as it were so long, until it is longer. */
const COURSE_SECONDS = 60

/** How a key stands under one policy. */
export function PolicyUseItem({ use, course }: { readonly use: PolicyUse; readonly course: KeyCourse }) {
  const { policy, blockedForMs, source, rules } = use
  return (
    <div class="use">
      <h4>{policy}</h4>
      {blockedForMs !== null && (
        <p class="problem">Blocked or banned for {spanText(blockedForMs)} more: every request is denied.</p>
      )}
      {source !== 'store' && <p class="problem">{SOURCES[source] ?? `Told by ${source}.`}</p>}
      {rules.map((rule) => (
        <RuleUseItem key={rule.rule} rule={rule} used={course.get(courseId(policy, rule.rule)) ?? []} />
      ))}
    </div>
  )
}

const SOURCES: Readonly<Record<string, string>> = {
  fallback: 'The store is away: these are the counts of this instance, of its share of the limits.',
  open: 'The store is away, and nothing is known: everybody passes then.',
  closed: 'The store is away, and nothing is known: nobody passes then.',
}

function RuleUseItem({ rule, used }: { readonly rule: RuleUse; readonly used: readonly number[] }) {
  const share = shareOf(rule.used, rule.limit)
  const tone = share >= 1 ? 'denied' : share >= NEARLY ? 'nearly' : 'allowed'
  const rate = `${countText(rule.rate.limit)} in ${spanText(rule.rate.windowMs)}`
  const text = `${countText(rule.used)} of ${countText(rule.limit)} used, ${countText(rule.remaining)} left`
  return (
    <div class="rule-use">
      <div class="rule-use-head">
        <strong>{rule.rule}</strong>
        <span class="quiet">
          {rate}
          {rule.isShadow && ', in shadow'}
        </span>
      </div>
      <meter
        class="unseen"
        min={0}
        max={rule.limit}
        value={rule.used}
        aria-label={`${rule.rule}: units used`}
      >
        {text}
      </meter>
      <Bar share={share} tone={tone} />
      <p>
        {text}.{' '}
        {rule.resetAfterMs === 0
          ? 'Nothing is used.'
          : `All of it is back in ${spanText(rule.resetAfterMs)}.`}
      </p>
      <div class="rule-course">
        <Sparkline values={used} room={Math.max(COURSE_SECONDS, used.length)} top={rule.limit} tone={tone} />
        <span class="quiet">
          {used.length < 2 ? 'since you look' : `last ${plural(used.length, 'second')}`}
        </span>
      </div>
    </div>
  )
}
