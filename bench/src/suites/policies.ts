import { atMost, oursAtMost, type Run, type Suite } from '../harness/suite.ts'
import type { PoliciesParams, Shape } from '../subjects/policies.ts'

const shapes: readonly Shape[] = [
  'path',
  'path behind **',
  'value',
  'end of a value',
  'network',
  'tenant and path',
  'method, tenant and path',
]

/** What it takes to find the policies of a request among many, and to put others in force. */
export const policies: Suite = {
  name: 'policies',
  effort: { full: { warmMs: 300, measureMs: 500 }, quick: { warmMs: 100, measureMs: 150 } },
  cases: [
    ...shapes.flatMap((shape) =>
      (['one matches', 'none matches'] as const).map((measure) => ({
        name: `${measure} of 10,000 policies that differ by ${shape}, against 10`,
        unit: 'ns/decision' as const,
        ours: run(10_000, shape, measure),
        theirs: [run(10, shape, measure)],
        target: atMost(3),
        brief: true,
      })),
    ),
    {
      name: 'replacing 10,000 policies of which one has changed, against 10',
      unit: 'ms',
      ours: run(10_000, 'path', 'replace'),
      theirs: [run(10, 'path', 'replace')],
      target: oursAtMost(1000),
      brief: true,
    },
  ],
}

function run(count: number, shape: Shape, measure: PoliciesParams['measure']): Run {
  const label = `headgate, ${count} policies`
  return { label, subject: 'policies', params: { policies: count, shape, measure } }
}
