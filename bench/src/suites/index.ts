import type { Suite } from '../harness/suite.ts'
import { distributed } from './distributed.ts'
import { engine } from './engine.ts'
import { guard } from './guard.ts'
import { latency } from './latency.ts'
import { middleware } from './middleware.ts'
import { policies } from './policies.ts'
import { proxy } from './proxy.ts'
import { redis } from './redis.ts'
import { reload } from './reload.ts'
import { replay } from './replay.ts'
import { service } from './service.ts'
import { wires } from './wires.ts'

/** Every suite; a new one is a file and a line here. */
export const suites: readonly Suite[] = [
  engine,
  guard,
  redis,
  distributed,
  latency,
  policies,
  reload,
  replay,
  service,
  wires,
  proxy,
  middleware,
]
