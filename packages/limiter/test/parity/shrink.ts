import { type Answer, describeOperation, keysOf, type Operation, same } from './operation.ts'

/** Answers of the model and of the store under test to the same operations, each from an empty state. */
export interface Replay {
  readonly expected: readonly Answer[]
  readonly actual: readonly Answer[]
}

export type Replayer = (operations: readonly Operation[]) => Promise<Replay>

const REPLAYS = 600

/** The shortest history found that still ends in a disagreement, as text. */
export async function explain(
  operations: readonly Operation[],
  start: number,
  replay: Replayer,
): Promise<string> {
  let budget = REPLAYS
  const failing = async (list: readonly Operation[]): Promise<readonly Operation[] | null> => {
    if (budget-- <= 0) return null
    const { expected, actual } = await replay(list)
    const at = expected.findIndex((answer, i) => !same(answer, actual[i] as Answer))
    return at === -1 ? null : list.slice(0, at + 1)
  }
  const whole = await failing(operations)
  if (whole === null)
    return 'a second run of the same operations agreed: the store remembers something between runs'
  const keys = new Set(keysOf(whole.at(-1) as Operation))
  const involved = whole.filter((operation) => keysOf(operation).some((key) => keys.has(key)))
  let shortest = (await failing(involved)) ?? whole
  for (
    let chunk = Math.ceil(shortest.length / 2);
    chunk >= 1;
    chunk = chunk === 1 ? 0 : Math.ceil(chunk / 2)
  ) {
    for (let from = 0; from < shortest.length - 1; ) {
      const without = [...shortest.slice(0, from), ...shortest.slice(from + chunk)]
      const shorter = await failing(without)
      if (shorter === null) from += chunk
      else shortest = shorter
    }
  }
  const { expected, actual } = await replay(shortest)
  const lines = shortest.map((operation, i) => {
    const [wanted, got] = [expected[i] as Answer, actual[i] as Answer]
    const verdict = same(wanted, got)
      ? `= ${wanted.join(' ')}`
      : `\n  the model says ${wanted.join(' ')}\n  the store says ${got.join(' ')}`
    return `${describeOperation(operation, start)} ${verdict}`
  })
  return `${shortest.length} of ${operations.length} operations disagree (times since ${start}):\n${lines.join('\n')}`
}
