/** What middleware of tRPC infers and accepts, and, under `@ts-expect-error`, what must not compile. Compiled, never run. */
import { initTRPC } from '@trpc/server'
import type { Limiter } from '../../src/entries/index.ts'
import { rateLimit } from '../../src/entries/trpc.ts'

/** Holds when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

function holds<_T extends true>(): void {}

interface Context {
  readonly user: { readonly id: string }
}

const t = initTRPC.context<Context>().create()

/** Stands for a validator. */
const email = (input: unknown): { email: string } => ({ email: String(input) })

export function contextsAreInferred(): void {
  t.procedure.use(rateLimit({ limit: '20/min', key: ({ ctx }) => ctx.user.id }))
  t.procedure.use(
    rateLimit({
      limit: ({ ctx }) => (ctx.user.id === 'a' ? '20/min' : '5/min'),
      charge: (_outcome, { ctx }) => ctx.user.id.length,
    }),
  )
  // @ts-expect-error the context has no such field
  t.procedure.use(rateLimit({ limit: '20/min', key: ({ ctx }) => ctx.account.id }))
}

export function inputsAreInferred(): void {
  t.procedure.input(email).use(rateLimit({ limit: '5/min', key: ({ input }) => input.email }))
  // @ts-expect-error in front of the validator nothing is known of the input
  t.procedure.use(rateLimit({ limit: '5/min', key: ({ input }) => input.email }))
}

export function whatOthersAddStays(): void {
  const added = t.procedure.use(({ next }) => next({ ctx: { tenant: 'acme' } }))
  const limited = added.use(rateLimit({ limit: '5/min', key: ({ ctx }) => `${ctx.tenant} ${ctx.user.id}` }))
  limited.input(email).query(({ ctx, input }) => {
    holds<Same<typeof ctx.tenant, string>>()
    holds<Same<typeof ctx.user, { readonly id: string }>>()
    return input.email
  })
}

export function otherForms(): void {
  const limited = rateLimit({ limit: '5/min', key: ({ ctx }: { ctx: Context }) => ctx.user.id })
  holds<Same<typeof limited.limiter, Limiter>>()
  t.procedure.use(limited)
  const limits = rateLimit.defaults({ limiters: { mail: { limit: '5/min' } } })
  t.procedure.use(limits('mail', { key: ({ ctx }) => ctx.user.id }))
  t.procedure.use(t.middleware(rateLimit({ limit: '5/min', key: ({ ctx }) => ctx.user.id })))
  // @ts-expect-error errors of tRPC have a form of their own
  rateLimit({ limit: '5/min', response: 'text' })
}
