import type { RespCommand } from './command.ts'
import { aboutCommands } from './commands/about.ts'
import { CONNECTION_COMMANDS } from './commands/connection-commands.ts'
import { DECISION_COMMANDS, RESERVATION_COMMANDS, STATE_COMMANDS } from './commands/named-policies.ts'
import { THROTTLE_COMMANDS } from './commands/throttle.ts'
import type { CommandTable } from './resp-session.ts'

const COMMANDS: readonly RespCommand[] = [
  ...THROTTLE_COMMANDS,
  ...DECISION_COMMANDS,
  ...RESERVATION_COMMANDS,
  ...STATE_COMMANDS,
  ...CONNECTION_COMMANDS,
]

/** All commands of the protocol: the one table that is answered, checked and listed. */
export const COMMAND_TABLE: CommandTable = new Map(
  [...COMMANDS, ...aboutCommands(COMMANDS)].map((command) => [command.name, command]),
)
