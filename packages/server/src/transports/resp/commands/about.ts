/** What clients ask of a server before they use it. */

import type { RespCommand } from '../command.ts'
import { errorReply, type Protocol, reply, type Value } from '../reply.ts'

/** The commands that tell of the others. */
export function aboutCommands(others: readonly RespCommand[]): readonly RespCommand[] {
  const all = (): readonly RespCommand[] => [...others, ...about]
  const told = new Map<string, string>()
  const about: readonly RespCommand[] = [
    {
      name: 'INFO',
      usage: '[section]',
      arguments: [0, 16],
      run: (_, { service, session }) => {
        const { grant } = service
        const isShown = grant === null || grant.has('read')
        const { hash, policies } = service.configuration()
        const lines = [
          '# Server',
          'server_name:headgate',
          'redis_mode:standalone',
          'loading:0',
          '',
          '# Replication',
          'role:master',
          '',
          ...(isShown
            ? [
                '# Headgate',
                `configuration:${hash}`,
                `policies:${policies.length}`,
                `store:${service.health().store}`,
              ]
            : []),
        ]
        return reply(`${lines.join('\r\n')}\r\n`, session.protocol)
      },
    },
    {
      name: 'COMMAND',
      usage: '[COUNT | LIST | DOCS [name]… | INFO [name]…]',
      arguments: [0, 256],
      run: ([word = 'INFO', ...names], { session }) => {
        const { protocol } = session
        const asked = word.toUpperCase()
        if (names.length > 0) return describe(all(), [asked, ...names], protocol)
        // It is always the same, and far longer than the question.
        const id = `${protocol} ${asked}`
        const known = told.get(id)
        if (known !== undefined) return known
        const answer = describe(all(), [asked], protocol)
        if (ABOUT.includes(asked)) told.set(id, answer)
        return answer
      },
    },
  ]
  return about
}

const ABOUT: readonly string[] = ['COUNT', 'LIST', 'INFO', 'DOCS']

function describe(
  commands: readonly RespCommand[],
  [asked = '', ...names]: readonly string[],
  protocol: Protocol,
): string {
  switch (asked) {
    case 'COUNT':
      return reply(commands.length, protocol)
    case 'LIST':
      return reply(
        commands.map(({ name }) => name.toLowerCase()),
        protocol,
      )
    case 'INFO':
      return reply(
        names.length === 0 ? commands.map(shape) : names.map((name) => shapeOf(commands, name)),
        protocol,
      )
    case 'DOCS':
      return reply(docsOf(commands, names), protocol)
    default:
      return errorReply('ERR', 'COMMAND takes COUNT, LIST, INFO and DOCS')
  }
}

/** As Redis describes a command: its name, the least number of words (negative: or more), flags, and where its keys are. */
function shape({ name, arguments: [least, most] }: RespCommand): Value {
  const words = least + 1
  const [first, last, step] = name === 'CL.THROTTLE' ? [1, 1, 1] : [0, 0, 0]
  return [name.toLowerCase(), least === most ? words : -words, ['write', 'fast'], first, last, step]
}

function shapeOf(commands: readonly RespCommand[], name: string): Value {
  const found = commands.find((one) => one.name === name.toUpperCase())
  return found === undefined ? null : shape(found)
}

function docsOf(commands: readonly RespCommand[], names: readonly string[]): Value {
  const asked = new Set(names.map((name) => name.toUpperCase()))
  const told = commands.filter(({ name }) => asked.size === 0 || asked.has(name))
  return Object.fromEntries(told.map(({ name, usage }) => [name.toLowerCase(), { summary: usage }]))
}
