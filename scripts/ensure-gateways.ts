/** Makes sure that the long tests have nginx and Caddy. */
import { installCommands } from './install-commands.ts'

installCommands({ commands: ['nginx', 'caddy'], tests: 'the tests of gateways' })
