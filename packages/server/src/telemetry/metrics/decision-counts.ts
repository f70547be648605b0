import type { Decision } from 'headgate'
import type { DecisionMade, NearLimit } from '../../service/events.ts'
import type { Service } from '../../service/service.ts'
import { family } from './catalogue.ts'
import { ClosedNames } from './closed-names.ts'
import { DurationBuckets } from './duration-buckets.ts'
import { LabelledCounts } from './labelled-counts.ts'
import type { Family, Sample } from './metric.ts'
import { type RuleRow, RuleRows } from './rule-rows.ts'

/** More transports, reasons and sources than there are. */
const FEW = 15
const RADIX = FEW + 1

/** Counts decisions: a few additions each, and all texts at the scrape. */
export class DecisionCounts {
  readonly #rows: RuleRows
  readonly #transports = new ClosedNames(FEW)
  readonly #reasons = new ClosedNames(FEW)
  readonly #sources = new ClosedNames(FEW)
  readonly #durations = new Map<number, DurationBuckets>()
  readonly #peeks = new LabelledCounts('headgate_peeks_total')

  constructor(configuration: Service['configuration']) {
    this.#rows = new RuleRows(configuration)
  }

  add({ decision, verb, transport, durationMs }: DecisionMade): void {
    const { allowed, reason, source, policy, rule, shadow } = decision
    const via = this.#transports.numberOf(transport)
    const from = this.#sources.numberOf(source) * RADIX + via
    if (verb !== 'wait') this.#durationsOf(from).add(durationMs / 1000)
    if (verb === 'peek') {
      this.#peeks.add([outcomeOf(allowed), transport])
      return
    }
    const { decisions } = this.#rows.of(policy, rule)
    const code = (this.#reasons.numberOf(reason) * RADIX * RADIX + from) * 2 + (allowed ? 1 : 0)
    decisions.set(code, (decisions.get(code) ?? 0) + 1)
    if (shadow.length > 0) this.#addShadow(shadow)
  }

  addNearLimit({ decision: { policy, rule } }: NearLimit): void {
    this.#rows.of(policy, rule).nearLimits++
  }

  families(): Family[] {
    const rows = this.#rows.all()
    return [
      family(
        'headgate_decisions_total',
        rows.flatMap((row) => this.#samplesOf(row)),
      ),
      this.#peeks.family(),
      {
        ...family(
          'headgate_decision_duration_seconds',
          [...this.#durations].map(([from, buckets]) => [this.#fromTo(from), buckets.value]),
        ),
        bounds: DurationBuckets.bounds,
      },
      family('headgate_near_limit_total', countsOf(rows, 'nearLimits')),
      family('headgate_shadow_denials_total', countsOf(rows, 'shadowDenials')),
    ]
  }

  #addShadow(shadow: Decision['shadow']): void {
    for (const { allowed, policy, rule } of shadow) {
      if (!allowed) this.#rows.of(policy, rule).shadowDenials++
    }
  }

  #durationsOf(from: number): DurationBuckets {
    const known = this.#durations.get(from)
    if (known !== undefined) return known
    const made = new DurationBuckets()
    this.#durations.set(from, made)
    return made
  }

  #samplesOf({ policy, rule, decisions }: RuleRow): Sample[] {
    return [...decisions].map(([code, count]) => {
      const from = Math.floor(code / 2) % (RADIX * RADIX)
      const reason = this.#reasons.nameOf(Math.floor(code / 2 / RADIX / RADIX))
      return [[policy, rule, outcomeOf(code % 2 === 1), reason, ...this.#fromTo(from)], count]
    })
  }

  /** Source and transport of their number. */
  #fromTo(from: number): string[] {
    return [this.#sources.nameOf(Math.floor(from / RADIX)), this.#transports.nameOf(from % RADIX)]
  }
}

function outcomeOf(allowed: boolean): string {
  return allowed ? 'allowed' : 'denied'
}

function countsOf(rows: readonly RuleRow[], name: 'nearLimits' | 'shadowDenials'): Sample[] {
  return rows.filter((row) => row[name] > 0).map((row) => [[row.policy, row.rule], row[name]])
}
