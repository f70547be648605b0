export { sharedMemoryStore } from './create-shared-memory-store.ts'
export type {
  AttachOptions,
  SharedMemoryOptions,
  SharedMemoryStats,
  SharedMemoryStore,
} from './shared-memory-options.ts'
