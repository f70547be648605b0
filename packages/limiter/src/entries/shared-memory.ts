/** The entry `headgate/shared-memory`: a store in memory that the worker threads of a process share. */

export {
  type AttachOptions,
  type SharedMemoryOptions,
  type SharedMemoryStats,
  type SharedMemoryStore,
  sharedMemoryStore,
} from '../stores/shared-memory/index.ts'
