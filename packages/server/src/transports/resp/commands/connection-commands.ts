/** What belongs to a connection: who asks, and in which version of the protocol. */

import { badRequest } from '../../../service/describe-failure.ts'
import type { Service } from '../../../service/service.ts'
import { VERSION } from '../../../service/version.ts'
import type { RespCommand, SessionState } from '../command.ts'
import { errorReply, integerReply, type Protocol, reply, simpleReply } from '../reply.ts'

const OK = simpleReply('OK')
const PONG = simpleReply('PONG')
const NO_NAME = errorReply('ERR', 'a name has up to 64 visible characters and no blanks')

export const CONNECTION_COMMANDS: readonly RespCommand[] = [
  {
    name: 'PING',
    usage: '[message]',
    arguments: [0, 1],
    run: ([message], { session }) => (message === undefined ? PONG : reply(message, session.protocol)),
  },
  {
    name: 'ECHO',
    usage: '<message>',
    arguments: [1, 1],
    run: ([message = ''], { session }) => reply(message, session.protocol),
  },
  {
    name: 'QUIT',
    usage: '',
    arguments: [0, 0],
    isOpen: true,
    run: (_, { session }) => {
      session.hasQuit = true
      return OK
    },
  },
  {
    name: 'SELECT',
    usage: '0',
    arguments: [1, 1],
    run: ([index]) => (index === '0' ? OK : errorReply('ERR', 'there is database 0 alone')),
  },
  {
    name: 'AUTH',
    usage: '[username] <token>',
    arguments: [1, 2],
    isOpen: true,
    run: (args, { session, service }) => {
      authenticate(session, service, args.at(-1) as string)
      return OK
    },
  },
  {
    name: 'HELLO',
    usage: '[2|3 [AUTH <username> <token>] [SETNAME <name>]]',
    arguments: [0, 6],
    isOpen: true,
    run: hello,
  },
  {
    name: 'RESET',
    usage: '',
    arguments: [0, 0],
    isOpen: true,
    run: (_, { session }) => {
      session.protocol = 2
      session.name = ''
      session.token = undefined
      return simpleReply('RESET')
    },
  },
  {
    name: 'CLIENT',
    usage: 'ID | GETNAME | SETNAME <name> | SETINFO <attribute> <value>',
    arguments: [1, 8],
    isOpen: true,
    run: client,
  },
]

/** Whoever may hold a token finds out here, and not with the first command. */
function authenticate(session: SessionState, service: Service, token: string): void {
  if (service.configuration().access.isOpen) {
    throw badRequest('the service takes calls without a token; leave out AUTH', '')
  }
  // It is looked at here, and counts as a request with the first command.
  service.configuration().access.find(token)
  session.token = token
}

function hello(args: readonly string[], { session, service }: Parameters<RespCommand['run']>[1]): string {
  const [version, ...options] = args
  if (version !== undefined && version !== '2' && version !== '3') {
    return errorReply('NOPROTO', 'versions 2 and 3 are spoken here')
  }
  let name = session.name
  for (let i = 0; i < options.length; ) {
    const word = options[i]?.toUpperCase()
    if (word === 'AUTH' && options[i + 2] !== undefined) {
      authenticate(session, service, options[i + 2] as string)
      i += 3
    } else if (word === 'SETNAME' && options[i + 1] !== undefined) {
      name = options[i + 1] as string
      if (!isName(name)) return NO_NAME
      i += 2
    } else return errorReply('ERR', 'HELLO takes a version, AUTH <username> <token> and SETNAME <name>')
  }
  // Without a token, where one is needed, nothing is told.
  const { access } = service.configuration()
  if (!access.isOpen) access.find(session.token)
  session.name = name
  if (version !== undefined) session.protocol = Number(version) as Protocol
  const { protocol, id } = session
  return reply(
    {
      server: 'headgate',
      version: VERSION,
      proto: protocol,
      id,
      mode: 'standalone',
      role: 'master',
      modules: [],
    },
    protocol,
  )
}

function client(
  [word = '', ...args]: readonly string[],
  { session }: Parameters<RespCommand['run']>[1],
): string {
  switch (word.toUpperCase()) {
    case 'ID':
      return integerReply(session.id)
    case 'GETNAME':
      return reply(session.name === '' ? null : session.name, session.protocol)
    case 'SETNAME': {
      const [name = ''] = args
      if (args.length !== 1 || !isName(name)) return NO_NAME
      session.name = name
      return OK
    }
    // What clients say of themselves, or want to be spared, changes nothing here.
    case 'SETINFO':
    case 'NO-EVICT':
    case 'NO-TOUCH':
      return OK
    default:
      return errorReply(
        'ERR',
        `CLIENT ${word.slice(0, 32)} is not there; ID, GETNAME, SETNAME and SETINFO are`,
      )
  }
}

function isName(text: string): boolean {
  return /^[!-~]{0,64}$/.test(text)
}
