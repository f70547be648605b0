/** Files that run as processes of their own. */
export const subjects = {
  'headgate-memory': new URL('./headgate-memory.ts', import.meta.url),
  'deciding-threads': new URL('./deciding-threads.ts', import.meta.url),
  reservations: new URL('./reservations.ts', import.meta.url),
  'guarded-store': new URL('./guarded-store.ts', import.meta.url),
  'rlf-memory': new URL('./rlf-memory.ts', import.meta.url),
  'express-memory': new URL('./express-memory.ts', import.meta.url),
  'headgate-redis': new URL('./headgate-redis.ts', import.meta.url),
  'rlf-redis': new URL('./rlf-redis.ts', import.meta.url),
  'paced-redis': new URL('./paced-redis.ts', import.meta.url),
  'leased-latency': new URL('./leased-latency.ts', import.meta.url),
  'frozen-redis': new URL('./frozen-redis.ts', import.meta.url),
  'cluster-slots': new URL('./cluster-slots.ts', import.meta.url),
  'redis-benchmark': new URL('./redis-benchmark.ts', import.meta.url),
  'http-service': new URL('./http-service.ts', import.meta.url),
  'watched-service': new URL('./watched-service.ts', import.meta.url),
  'http-wire': new URL('./http-wire.ts', import.meta.url),
  'grpc-wire': new URL('./grpc-wire.ts', import.meta.url),
  'resp-wire': new URL('./resp-wire.ts', import.meta.url),
  'frozen-grpc': new URL('./frozen-grpc.ts', import.meta.url),
  'http-app': new URL('./http-app.ts', import.meta.url),
  'memory-latency': new URL('./memory-latency.ts', import.meta.url),
  'redis-latency': new URL('./redis-latency.ts', import.meta.url),
  'redis-bytes': new URL('./redis-bytes.ts', import.meta.url),
  'threads-latency': new URL('./threads-latency.ts', import.meta.url),
  proxy: new URL('./proxy.ts', import.meta.url),
  policies: new URL('./policies.ts', import.meta.url),
  reload: new URL('./reload.ts', import.meta.url),
} as const

/** The name of a subject's file. */
export type SubjectName = keyof typeof subjects
