/** `HG.…`: the verbs of the service on policies by their names, or on all that match (`*`). */

import type { Decision, Explanation } from 'headgate'
import { durationMs } from '../../../service/bounded-duration.ts'
import type { Decided } from '../../../service/create-decide.ts'
import type { Service } from '../../../service/service.ts'
import type { Call, RespCommand } from '../command.ts'
import { decisionValue } from '../decision-value.ts'
import { readRequest, wholeNumber } from '../read-arguments.ts'
import { integerReply, reply, type Value } from '../reply.ts'
import { RESP } from '../transport-name.ts'

const ORIGIN = { transport: RESP } as const
const REQUEST = '<policy|*> <name=value>… [COST n] [LIMIT rate] [DEADLINE time]'
const DEADLINE_MAX_MS = 60_000
const TTL_MAX_MS = 86_400_000
/** A policy, 100 attributes and all options: more than the library takes is refused there. */
const MANY = 128

const VERBS = ['consume', 'peek', 'charge', 'credit'] as const

export const DECISION_COMMANDS: readonly RespCommand[] = VERBS.map((verb) => ({
  name: `HG.${verb.toUpperCase()}`,
  usage: REQUEST,
  arguments: [1, MANY],
  run: async (args, call) => {
    const { request, deadline } = readRequest(args, ['COST', 'LIMIT', 'DEADLINE'])
    const decided = await call.service.decide([request], { ...ORIGIN, verb, ...deadlineOf(deadline) })
    return decidedReply(decided, call)
  },
}))

export const RESERVATION_COMMANDS: readonly RespCommand[] = [
  {
    name: 'HG.RESERVE',
    usage: `${REQUEST} [TTL time]`,
    arguments: [1, MANY],
    run: async (args, { service, session }) => {
      const { request, ttl = '5m', deadline } = readRequest(args, ['COST', 'LIMIT', 'DEADLINE', 'TTL'])
      const options = { ...ORIGIN, ttl: durationMs(ttl, 'ttl', TTL_MAX_MS), ...deadlineOf(deadline) }
      const { decision, reservation, held, id } = await service.reserve(request, options)
      const value = { ...decisionValue(decision, { receipt: null, id }), reservation, held }
      return reply(value, session.protocol)
    },
  },
  {
    name: 'HG.EXTEND',
    usage: '<reservation> <more>',
    arguments: [2, 2],
    run: async ([text = '', more = ''], { service, session }) => {
      const { decision, reservation, held, id } = await service.extend(
        text,
        wholeNumber(more, 'more'),
        ORIGIN,
      )
      return reply({ ...decisionValue(decision, { receipt: null, id }), reservation, held }, session.protocol)
    },
  },
  {
    name: 'HG.SETTLE',
    usage: '<reservation> <actual>',
    arguments: [2, 2],
    run: ([text = '', actual = ''], call) => settle(text, wholeNumber(actual, 'actual'), call),
  },
  {
    name: 'HG.CANCEL',
    usage: '<reservation>',
    arguments: [1, 1],
    run: ([text = ''], call) => settle(text, 0, call),
  },
  {
    name: 'HG.REFUND',
    usage: '<receipt> [<cost>]',
    arguments: [1, 2],
    run: async ([receipt = '', cost], { service }) =>
      integerReply(
        await service.refund(receipt, cost === undefined ? {} : { cost: wholeNumber(cost, 'cost') }),
      ),
  },
]

export const STATE_COMMANDS: readonly RespCommand[] = [
  stateCommand('HG.RESET', (service, who, options) => service.reset(who, options)),
  stateCommand('HG.UNBLOCK', (service, who, options) => service.unblock(who, options)),
  {
    name: 'HG.BLOCK',
    usage: '<policy|*> <time> <name=value>…',
    arguments: [2, MANY],
    run: async ([policy = '', duration = '', ...attributes], { service, session }) => {
      const { who, ...named } = readRequest([policy, ...attributes], []).request
      return reply(
        await service.block(who, duration as `${number}m`, { ...named, ...ORIGIN }),
        session.protocol,
      )
    },
  },
  {
    name: 'HG.EXPLAIN',
    usage: REQUEST,
    arguments: [1, MANY],
    run: async (args, { service, session }) => {
      const { request, deadline } = readRequest(args, ['COST', 'LIMIT', 'DEADLINE'])
      const { who, ...options } = request
      const explained = await service.explain(who, { ...options, ...deadlineOf(deadline) })
      return reply(explanationValue(explained), session.protocol)
    },
  },
]

type Change = (
  service: Service,
  who: Parameters<Service['reset']>[0],
  options: Parameters<Service['reset']>[1],
) => Promise<string[]>

function stateCommand(name: string, change: Change): RespCommand {
  return {
    name,
    usage: '<policy|*> <name=value>…',
    arguments: [1, MANY],
    run: async (args, { service, session }) => {
      const { who, ...named } = readRequest(args, []).request
      return reply(await change(service, who, { ...named, ...ORIGIN }), session.protocol)
    },
  }
}

async function settle(text: string, actual: number, { service, session }: Call): Promise<string> {
  const { settled, actual: inForce } = await service.settle(text, actual)
  return reply({ settled, actual: inForce }, session.protocol)
}

async function decidedReply({ decisions, ids }: Decided, { service, session }: Call): Promise<string> {
  const decision = decisions[0] as Decision & { readonly credited?: number }
  const { receipt, credited } = decision
  const sealed = receipt === null ? null : await service.seal(receipt)
  return reply({ ...decisionValue(decision, { receipt: sealed, id: ids[0] }), credited }, session.protocol)
}

/** Plain data through and through, but for the receipt that a peek does not have. */
function explanationValue(explanation: Explanation): Value {
  return JSON.parse(JSON.stringify(explanation)) as Value
}

function deadlineOf(text: string | undefined): { readonly deadlineMs?: number } {
  return text === undefined
    ? {}
    : { deadlineMs: durationMs(text as `${number}ms`, 'deadline', DEADLINE_MAX_MS) }
}
