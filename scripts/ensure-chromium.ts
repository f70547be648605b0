/** Makes sure that the tests in a browser have Chromium. */
import { installCommands } from './install-commands.ts'

installCommands({ commands: ['chromium'], tests: 'the tests in a browser' })
