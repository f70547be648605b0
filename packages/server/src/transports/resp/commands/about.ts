/** What clients ask of a server before they use it. */

import type { RespCommand } from '../command.ts'
import { errorReply, reply, type Value } from '../reply.ts'

/** The commands that tell of the others. */
export function aboutCommands(others: readonly RespCommand[]): readonly RespCommand[] {
  const all = (): readonly RespCommand[] => [...others, ...about]
  const about: readonly RespCommand[] = [
    {
      name: 'INFO',
      usage: '[section]',
      arguments: [0, 16],
      run: (_, { service, session }) => {
        const { hash, policies } = service.configuration()
        const { store } = service.health()
        const lines = [
          '# Server',
          'server_name:headgate',
          'redis_mode:standalone',
          'loading:0',
          '',
          '# Replication',
          'role:master',
          '',
          '# Headgate',
          `configuration:${hash}`,
          `policies:${policies.length}`,
          `store:${store}`,
        ]
        return reply(`${lines.join('\r\n')}\r\n`, session.protocol)
      },
    },
    {
      name: 'COMMAND',
      usage: '[COUNT | LIST | DOCS [name]… | INFO [name]…]',
      arguments: [0, 256],
      run: ([word, ...names], { session }) => {
        if (word === undefined) return reply(all().map(shape), session.protocol)
        switch (word.toUpperCase()) {
          case 'COUNT':
            return reply(all().length, session.protocol)
          case 'LIST':
            return reply(
              all().map(({ name }) => name.toLowerCase()),
              session.protocol,
            )
          case 'INFO':
            return reply(
              names.map((name) => shapeOf(all(), name)),
              session.protocol,
            )
          case 'DOCS':
            return reply(docsOf(all(), names), session.protocol)
          default:
            return errorReply('ERR', 'COMMAND takes COUNT, LIST, INFO and DOCS')
        }
      },
    },
  ]
  return about
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
