/** How many series metrics have under many keys, and under many policies. */
import { type MeteredService, seriesOf } from './metered-service.ts'

const AT_ONCE = 50

/** How many series came with so many keys, and how many of them name one. */
export async function seriesUnderKeys(
  { service, text, consume }: MeteredService,
  keys: number,
): Promise<{ readonly grown: number; readonly told: number }> {
  await consume('first')
  const before = seriesOf(await text()).length
  for (let i = 0; i < keys; i += AT_ONCE) {
    const requests = Array.from({ length: AT_ONCE }, (_, j) => ({ who: { user: `user-${i + j}` } }))
    await service.decide(requests, { transport: 'http' })
  }
  const after = seriesOf(await text())
  return { grown: after.length - before, told: after.filter((one) => one.includes('user-')).length }
}

/** Series of decisions after several configurations with so many policies each; those of policies that are gone; and of others. */
export async function seriesUnderPolicies(
  { service, text }: MeteredService,
  { rounds, each }: { readonly rounds: number; readonly each: number },
): Promise<{ readonly series: number; readonly gone: number; readonly others: number }> {
  for (let round = 0; round < rounds; round++) {
    const policies = Array.from({ length: each }, (_, i) => {
      return { name: `p${round}-${i}`, key: 'user', rules: ['5/min'] }
    })
    service.apply({ hash: `${round}`, policies, allow: {}, deny: {}, notInForce: [] })
    for (let i = 0; i < each; i += AT_ONCE) {
      const some = policies.slice(i, i + AT_ONCE)
      const requests = some.map(({ name }) => ({ who: { user: 'ada' }, policy: name }))
      await service.decide(requests, { transport: 'http' })
    }
  }
  const decisions = seriesOf(await text()).filter((one) => one.startsWith('headgate_decisions_total'))
  return {
    series: decisions.length,
    gone: decisions.filter((one) => /"p\d+-/.test(one) && !one.includes(`"p${rounds - 1}-`)).length,
    others: decisions.filter((one) => one.includes('"~other"')).length,
  }
}
