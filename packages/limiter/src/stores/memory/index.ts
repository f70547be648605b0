export { isMemoryStore, memoryStore } from './create-memory-store.ts'
export type { MemoryStats, MemoryStore, MemoryStoreOptions } from './memory-store-options.ts'
