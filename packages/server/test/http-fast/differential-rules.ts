/**
 * Where the fast path may differ from `node:http`, and what it has to say then: each rule is another way of asking Node. First of
 * all stands the rule that nothing differs. D3 is in the comparison itself; D4 and D6 are of time, and cases of attacks.
 */
import { DEEDS } from './differential-app.ts'
import { exchange, type Patience, type Script, type Seen } from './differential-exchange.ts'
import { atOnce, type Case, oneByOne, without } from './differential-script.ts'
import type { Servers } from './differential-servers.ts'

/** What is known of a case when it is judged. */
export interface Played {
  readonly one: Case
  readonly servers: Servers
  /** How many requests the fast path has answered. */
  readonly answered: number
  readonly wasHandedOver: boolean
  readonly patience: Patience
  readonly seen: Seen
}

export interface Rule {
  readonly name: string
  /** Why, for readers of this table. */
  readonly why: string
  applies(played: Played): boolean
  /** What has to be seen. */
  expected(played: Played): Promise<Seen>
}

export const RULES: readonly Rule[] = [
  {
    name: 'alike',
    why: 'Each request is answered as Node answers it when it comes alone; D5 is in it, as Node would begin all at once.',
    applies: ({ one }) => !one.script.endsEarly,
    expected: ({ one, servers, patience }) => exchange(servers.plain, oneByOne(one.frames), patience),
  },
  {
    name: 'D2: answered before the end',
    why: 'A client that ends its side is answered first. Node drops answers that are not ready then.',
    applies: ({ one }) => one.script.endsEarly,
    expected: ({ one, servers, patience }) => exchange(servers.plain, oneByOne(one.frames), patience),
  },
  {
    name: 'timing of Node',
    why: 'What was handed over is answered by Node, which minds how octets come: they came at once, not one by one.',
    applies: ({ wasHandedOver }) => wasHandedOver,
    expected: ({ one, servers, patience }) => exchange(servers.plain, one.script, patience),
  },
  handedOver('as it came', ({ one, answered }) => behind(one, answered)),
  handedOver('at once', ({ one, answered }) => atOnce(behind(one, answered))),
  {
    ...handedOver('after a wait', ({ one, answered }) => atOnce(behind(one, answered)), 'late'),
    why: 'As D1, where an answer was waited for: whatever the client did meanwhile, Node learns with what it is given.',
    applies: (played) => played.wasHandedOver && hasWaited(played),
  },
  {
    name: 'D2 of Node: dropped behind the hand-over',
    why: 'What was handed over with the end of the client, Node answers as far as it is ready at once, and drops the rest.',
    applies: ({ one, wasHandedOver }) => wasHandedOver && one.script.endsEarly,
    expected: async ({ one, servers, patience, seen }) => {
      const all = await exchange(servers.plain, oneByOne(one.frames), patience)
      const { length } = answersIn(seen)
      return { ...all, said: answersIn(all).slice(0, length).join(''), last: '', end: 'ended' }
    },
  },
  {
    name: 'D1 of Node: in place of what has no answer yet',
    why: 'Behind the hand-over Node answers an error in place of requests before it that have no answer yet. Which these are depends on how the octets came, also while the fast path waited. Without an error nothing is dropped.',
    applies: ({ wasHandedOver, answered, seen }) => wasHandedOver && answersIn(seen).length > answered,
    expected: async ({ one, servers, patience, seen }) => {
      const all = await exchange(servers.plain, oneByOne(one.frames), patience)
      const { length } = answersIn(seen)
      const [refusal = ''] = REFUSAL.exec(all.said) ?? []
      return {
        ...all,
        said:
          answersIn(all)
            .slice(0, length - 1)
            .join('') + refusal,
      }
    },
  },
  {
    name: 'D9: refused when its line ends',
    why: 'Node refuses a length at the octet that is no digit. The fast path looks at values when they are whole; until then the request is one that is not all there, which ends with the client or in time.',
    applies: ({ wasHandedOver }) => !wasHandedOver,
    expected: async ({ one, servers, patience }) => {
      const seen = await exchange(servers.plain, oneByOne(one.frames), patience)
      const said = seen.said.replace(REFUSAL, '')
      return said === seen.said
        ? seen
        : { said, state: 'open', last: seen.said.slice(said.length), end: seen.end }
    },
  },
]

/** The answer to what is no request, and nothing behind it. */
const REFUSAL = /HTTP\/1\.1 400 [^{]*{[^}]*"this is not an HTTP request"[^}]*}$/

/** The first requests are answered one by one; `rest` is put to Node as if it had been handed over. */
function handedOver(
  way: string,
  rest: (played: Played) => Script,
  to: 'injected' | 'late' = 'injected',
): Rule {
  return {
    name: `D1: handed over ${way}`,
    why: 'Requests before the hand-over are all answered. What is behind it, Node reads from the buffer of the socket, and answers an error in place of a request before it that has no answer yet.',
    applies: ({ wasHandedOver }) => wasHandedOver,
    expected: async (played) => {
      const { one, servers, answered, patience } = played
      const first = await exchange(servers.plain, oneByOne(one.frames.slice(0, answered)), patience)
      const second = await exchange(servers[to], rest(played), patience)
      return { ...second, said: first.said + second.said }
    },
  }
}

/** Each with its body, as they stand behind one another. */
export function answersIn({ said, last }: Seen): readonly string[] {
  return `${said}${last}`.split(/(?=HTTP\/1\.1 \d{3} )/).filter((answer) => answer !== '')
}

function hasWaited({ one, answered }: Played): boolean {
  return one.requests.slice(0, answered).some(({ deed }) => deed === DEEDS.wait || deed === DEEDS.reject)
}

/** What is left to Node where so many requests were answered. */
function behind({ frames, script }: Case, answered: number): Script {
  const octets = frames.slice(0, answered).reduce((sum, { length }) => sum + length, 0)
  return without(script, octets)
}
