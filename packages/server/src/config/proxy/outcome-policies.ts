import type { PolicyOptions } from 'headgate'
import type { OutcomePolicy } from '../../service/proxy-settings/proxy-settings.ts'
import type { Mistake } from '../config-error.ts'
import type { FilePolicy } from '../schema/policy-shape.ts'
import { show } from '../unknown-name.ts'

/** How `cost` names a field of the response. */
const OF_RESPONSE = /^response\.header\.([A-Za-z0-9-]{1,64})$/
const STATUS = /^([1-5])(?:xx|\d\d)$/

/** A policy as the library has it: what the response decides is none of its business. */
export function withoutOutcome({ count: _, ...policy }: FilePolicy): PolicyOptions {
  const { cost, ...rest } = policy
  return cost === undefined || isOfResponse(cost) ? rest : { ...rest, cost }
}

/** The policies that a response settles; all is right in them. */
export function outcomePolicies(policies: readonly FilePolicy[]): OutcomePolicy[] {
  return policies.filter(hasOutcome).map(({ name, count, cost }) => ({
    policy: name,
    statuses: count === undefined ? null : count.status.map(rangeOf),
    costField: fieldIn(cost),
  }))
}

/** What is wrong with a policy, at `path`, in what it asks of responses. */
export function outcomeMistakes({ count, cost, ban }: FilePolicy, path: Mistake['path']): Mistake[] {
  const statuses = count?.status ?? []
  const wrong = statuses.flatMap((status, i) =>
    STATUS.test(String(status))
      ? []
      : [
          {
            path: [...path, 'count', 'status', i],
            message: `${show(status)} is no status; write it as 401 or 4xx`,
          },
        ],
  )
  const isWrongCost = typeof cost === 'string' && cost.startsWith('response.') && !isOfResponse(cost)
  const message = 'names a field of the response as response.header.x-tokens'
  // What is under way holds units: a denial for that is no offence.
  if (count !== undefined && ban !== undefined) {
    wrong.push({
      path: [...path, 'ban'],
      message: 'goes with no count, whose denials may be for requests under way',
    })
  }
  return isWrongCost ? [...wrong, { path: [...path, 'cost'], message }] : wrong
}

/** Whether it takes a response to know what a policy costs. */
export function hasOutcome({ count, cost }: FilePolicy): boolean {
  return count !== undefined || isOfResponse(cost)
}

function isOfResponse(cost: FilePolicy['cost']): boolean {
  return typeof cost === 'string' && OF_RESPONSE.test(cost)
}

function fieldIn(cost: FilePolicy['cost']): string | null {
  const [, name] = OF_RESPONSE.exec(String(cost)) ?? []
  return name?.toLowerCase() ?? null
}

function rangeOf(status: number | string): readonly [number, number] {
  const text = String(status)
  const first = Number(text.replace('xx', '00'))
  return text.endsWith('xx') ? [first, first + 99] : [first, first]
}
