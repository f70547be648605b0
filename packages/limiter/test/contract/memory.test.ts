import { memoryStore } from '../../src/stores/memory/index.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { testContract } from './subjects.ts'

testContract('the contract on memory', (clock) => memoryStore({ clock }))
testContract('the contract on the reference model', (clock) => new ReferenceStore(clock))
