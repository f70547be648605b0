/** One table of cases over every wire, by real clients on real sockets: the same decisions, and the errors of the table. */
import { describe, expect, it } from 'vitest'
import { CANNOT } from './cannot.ts'
import { CASES, USUAL, type WireCase } from './cases.ts'
import { grpc, grpcJs } from './drivers/grpc.ts'
import { http } from './drivers/http.ts'
import { library } from './drivers/library.ts'
import { client, grpcClient } from './drivers/remote.ts'
import { resp } from './drivers/resp.ts'
import { rls } from './drivers/rls.ts'
import { type Served, serve } from './served.ts'
import type { Answer, Need, Step, Wire } from './wire.ts'

/** Another wire is a driver, and its place here. */
const WIRES: readonly Wire[] = [library, http, client, grpc, grpcJs, grpcClient, rls, resp]

function needsOf({ steps, needs = [] }: WireCase): Set<Need> {
  return new Set([...needs, ...steps.flatMap(([step]) => needsOfStep(step))])
}

function needsOfStep(step: Step): Need[] {
  if (step.verb === 'refund') return ['refund']
  if (step.verb !== 'consume' && step.verb !== 'peek') return ['change']
  return [
    ...(step.verb === 'peek' ? (['peek'] as const) : []),
    ...(step.policy === undefined ? [] : (['policy'] as const)),
    ...(step.deadlineMs === undefined ? [] : (['deadline'] as const)),
  ]
}

function canSay({ name }: Wire, one: WireCase): boolean {
  return [...needsOf(one)].every((need) => CANNOT[name]?.[need] === undefined)
}

/** Of an expected answer what the wire tells. */
function toldBy({ tells, tellsOfDenials = tells }: Wire, answer: Answer): object {
  if (!Object.keys(answer).some((field) => EVERY_FIELD.has(field))) return answer
  const told = 'allowed' in answer && answer.allowed === false ? tellsOfDenials : tells
  return Object.fromEntries(Object.entries(answer).filter(([field]) => told.includes(field as 'allowed')))
}

const EVERY_FIELD = new Set<string>(library.tells)

/** Lets time pass until it is answered, where that waits for it. */
async function answered({ clock }: Served, answer: Promise<Answer>): Promise<Answer> {
  let isSettled = false
  const settled = answer.finally(() => {
    isSettled = true
  })
  for (let turns = 0; !isSettled; turns++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (turns > 5) clock.advance('250ms')
  }
  return settled
}

describe.each(WIRES)('over $name', (wire) => {
  it.each(CASES.filter((one) => canSay(wire, one)))(
    '$name',
    async ({ file = USUAL, store, token, steps }) => {
      await using served = serve(file, store)
      const asking = await wire.open(served, token)
      try {
        for (const [step, expected] of steps) {
          const waits = 'deadlineMs' in step
          const answer = waits ? await answered(served, asking.answer(step)) : await asking.answer(step)
          expect(answer, JSON.stringify(step)).toMatchObject(toldBy(wire, expected))
        }
      } finally {
        await asking.close()
      }
    },
  )
})

describe('what a wire cannot say', () => {
  it('is said of wires that are there, and of cases that are there', () => {
    const needs = new Set(CASES.flatMap((one) => [...needsOf(one)]))
    for (const [name, reasons] of Object.entries(CANNOT)) {
      expect(WIRES.map((wire) => wire.name)).toContain(name)
      for (const need of Object.keys(reasons)) expect(needs).toContain(need)
    }
  })
})
