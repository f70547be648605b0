import { oursAtMost, type Run, type Suite } from '../harness/suite.ts'
import type { ReloadParams } from '../subjects/reload.ts'

/** What it takes the service to read its file again, from SIGHUP on, under a little traffic. */
export const reload: Suite = {
  name: 'reload',
  effort: { full: { warmMs: 0, measureMs: 0 }, quick: { warmMs: 0, measureMs: 0 } },
  cases: [
    {
      name: 'until a file of 10,000 policies is in force, against 10',
      unit: 'ms',
      ours: run(10_000, 'until in force'),
      theirs: [run(10, 'until in force')],
      target: oursAtMost(1000),
    },
    {
      name: 'until a file of 1,000 policies is in force, against 10',
      unit: 'ms',
      ours: run(1000, 'until in force'),
      theirs: [run(10, 'until in force')],
      target: null,
      brief: true,
    },
    {
      name: 'longest pause of answers while 1,000 policies are read, against 10',
      unit: 'ms',
      ours: run(1000, 'longest pause'),
      theirs: [run(10, 'longest pause')],
      target: null,
      brief: true,
    },
  ],
}

function run(policies: number, measure: ReloadParams['measure']): Run {
  const label = `headgate, ${policies} policies, ${measure}`
  return { label, subject: 'reload', params: { policies, measure } }
}
