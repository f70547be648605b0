import { grpcTarget } from './grpc-target.ts'
import { hpackTarget } from './hpack-target.ts'
import { httpFastTarget } from './http-fast-target.ts'
import { httpTarget } from './http-target.ts'
import { http2Target } from './http2-target.ts'
import { proxyTarget } from './proxy-target.ts'
import { respTarget } from './resp-target.ts'
import { addressTarget, pathTarget, urlTarget } from './spelling-targets.ts'
import type { Target } from './target.ts'
import { yamlTarget } from './yaml-target.ts'

/** Whatever takes input from strangers. */
export const targets: readonly Target[] = [
  httpTarget,
  httpFastTarget,
  grpcTarget,
  http2Target,
  respTarget,
  hpackTarget,
  proxyTarget,
  yamlTarget,
  pathTarget,
  addressTarget,
  urlTarget,
]
