/** What a client may do at most before it is sent away, and that others are answered as before. */
import { describe, expect, it } from 'vitest'
import { floods } from './attack-floods.ts'
import { AttackStage } from './attack-stage.ts'
import { turn } from './memory-client.ts'

/** So much odd may honest clients do. */
const STEPS_MIN = 60

describe('a flood of', () => {
  it.each(floods)('$name ends after $stepsMax at most', async ({ first = [], step, stepsMax }) => {
    using stage = new AttackStage()
    const client = await stage.greeted()
    client.send(...first)
    let steps = 0
    for (; client.endCode === null && steps <= stepsMax; steps++) {
      client.send(...step(3 + 2 * steps, steps))
      await turn()
      client.look()
    }
    expect(client.endCode).toBe('ENHANCE_YOUR_CALM')
    expect(steps).toBeGreaterThan(STEPS_MIN)
    expect(steps).toBeLessThanOrEqual(stepsMax)
    expect(stage.handler.mostAtOnce).toBeLessThanOrEqual(256)
    expect(stage.handler.mostBusy).toBeLessThanOrEqual(256)
    await stage.answersOthers()
  })
})
