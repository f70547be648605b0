/** Makes sure that the long tests have promtool. */
import { installCommands } from './install-commands.ts'

installCommands({ commands: ['promtool'], packages: ['prometheus'], tests: 'the tests of alert rules' })
