import { sharedMemoryStore } from '../../src/stores/shared-memory/index.ts'
import { testContract } from './subjects.ts'

const MAX_KEYS = 10_000

testContract('the contract on memory that threads share', (clock) =>
  sharedMemoryStore({ clock, maxKeys: MAX_KEYS }),
)
