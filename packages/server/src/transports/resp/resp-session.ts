import { errorTable } from 'headgate/errors'
import type { Service } from '../../service/service.ts'
import { atWireField } from '../http/rethrow-at-field.ts'
import type { RespCommand, SessionState } from './command.ts'
import { errorReply, type Protocol } from './reply.ts'
import type { Command } from './request-parser.ts'
import { RESP } from './transport-name.ts'

/** Commands by their names, in upper case. */
export type CommandTable = ReadonlyMap<string, RespCommand>

let count = 0

/** What a connection has agreed with its client, and how its commands are answered. */
export class Session implements SessionState {
  readonly id: number = ++count
  protocol: Protocol = 2
  name = ''
  token: string | undefined
  hasQuit = false
  readonly #service: Service
  readonly #commands: CommandTable

  constructor(service: Service, commands: CommandTable) {
    this.#service = service
    this.#commands = commands
  }

  /** Whether there is a command of this name. */
  knows(word: string): boolean {
    return this.#find(word) !== undefined
  }

  /** Answers a command with a reply; never throws, and never rejects. */
  handle([word = '', ...args]: Command): string | Promise<string> {
    try {
      const command = this.#find(word)
      if (command === undefined)
        return errorReply('ERR', `unknown command ${JSON.stringify(word.slice(0, 64))}`)
      const [least, most] = command.arguments
      if (args.length < least || args.length > most) {
        return errorReply('ERR', `wrong number of arguments; usage: ${command.name} ${command.usage}`)
      }
      const service = command.isOpen === true ? this.#service : this.#service.callerOf(this.token)
      const answer = command.run(args, { session: this, service })
      return typeof answer === 'string' ? answer : answer.catch((reason: unknown) => this.#fail(reason))
    } catch (reason) {
      return this.#fail(reason)
    }
  }

  #find(word: string): RespCommand | undefined {
    return this.#commands.get(word) ?? this.#commands.get(word.toUpperCase())
  }

  #fail(reason: unknown): string {
    const { code, detail, path } = this.#service.fail(atWireField(reason), { transport: RESP })
    const at = path === '' ? '' : ` at ${path}`
    return errorReply(errorTable[code].resp, `${code}${at}: ${detail}`)
  }
}
