/** What decorators and the module of Nest accept, and, under `@ts-expect-error`, what must not compile. Compiled, never run. */
import type { DynamicModule, ExecutionContext } from '@nestjs/common'
import { RateLimit, RateLimitModule } from '../../src/entries/nest.ts'
import { scriptLimiter } from '../../src/entries/script.ts'

/** Holds when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** The same, as a condition that is never met. */
function never<_T extends true>(): boolean {
  return false
}

export function decorators(): void {
  const method: MethodDecorator = RateLimit({ limit: '1/s', key: (context) => context.getClass().name })
  const type: ClassDecorator = RateLimit('login', { skip: (context) => context.getType() !== 'http' })
  RateLimit({ limit: '1/s', skip: (context) => never<Same<typeof context, ExecutionContext>>() })
  const script = scriptLimiter({ script: '', headers: [], call: async () => [], onStoreError: 'open' })
  RateLimit({
    script,
    key: (context: ExecutionContext, address: string | null) => `${context.getHandler().name} ${address}`,
  })
  // @ts-expect-error a misspelt option
  RateLimit({ limits: '1/s' })
  // @ts-expect-error a script has its limit in itself
  RateLimit({ script, limit: '1/s' })
  // @ts-expect-error a name is a text
  RateLimit(5)
  void [method, type]
}

export function modules(): void {
  const module: DynamicModule = RateLimitModule.forRoot({
    limit: '100/min',
    limiters: { login: { limit: '5/15m' } },
    limits: ['login', { limit: '9/s', key: (context) => context.getClass().name }],
  })
  RateLimitModule.forRootAsync({ inject: ['config'], useFactory: async (limit: string) => ({ limit }) })
  // @ts-expect-error options of the module are options
  RateLimitModule.forRoot({ limiter: { login: { limit: '5/15m' } } })
  // @ts-expect-error a factory returns options
  RateLimitModule.forRootAsync({ useFactory: () => ({ limit: true }) })
  void module
}
