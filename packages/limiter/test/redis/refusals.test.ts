/** What connections of a store's own make of servers that refuse: of most refusals on servers that say what a test tells them. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Connection, connect } from '../../src/stores/redis/connection/connect.ts'
import type { RedisConnectionOptions } from '../../src/stores/redis/connection/connection-options.ts'
import { Sentinels } from '../../src/stores/redis/connection/sentinels.ts'
import { type Answer, agree, encodeReply, ScriptedServer } from '../harness/scripted-server.ts'
import { Started } from '../harness/started.ts'
import { until } from '../harness/until.ts'
import { RedisServer } from '../redis-server.ts'

const script = { text: 'return 1', sha: '0'.repeat(40) }
/** Keys in the lower and in the upper half of the slots. */
const [LOW, HIGH] = ['{18}', '{i}']
const LOADING = '-LOADING Redis is loading the dataset in memory\r\n'
const WRONGPASS = '-WRONGPASS invalid username-password pair or user is disabled.\r\n'

const started = new Started()

afterEach(() => started[Symbol.asyncDispose]())

async function serverOf(answer: Answer = agree): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(answer)
  started.defer(() => server.stop())
  return server
}

function connection(given: RedisConnectionOptions): Connection {
  const made = connect(given)
  started.defer(made.close)
  return made
}

/** Calls once. */
function call({ run }: Connection, key: string = LOW): Promise<unknown> {
  return run(script, [key], [])
}

function answers(own: Connection, key: string): Promise<true> {
  return until('it answers', () => call(own, key).then(() => true as const))
}

/** Of two nodes, each of which has half of the slots. */
async function halves(): Promise<{ low: ScriptedServer; high: ScriptedServer; slots: () => string }> {
  const [low, high] = [await serverOf(), await serverOf()]
  const of = ({ address: { host, port } }: ScriptedServer) => [host, port, 'id']
  const slots = () =>
    encodeReply([
      [0, 8191, of(low)],
      [8192, 16_383, of(high)],
    ])
  low.answer = high.answer = (command) => (command[0] === 'CLUSTER' ? slots() : agree(command))
  return { low, high, slots }
}

describe('a server that takes no connection', () => {
  it('has said why', async () => {
    const server = await RedisServer.start({ args: ['--maxclients', '1'] })
    started.defer(() => server.stop())
    using _other = await server.connect()
    const own = connection({ host: '127.0.0.1', port: server.port })
    await expect(call(own)).rejects.toThrow('max number of clients reached')
  })
})

describe('a server that knows no AUTH', () => {
  it('does not make us show the password that it repeats', async () => {
    const server = await RedisServer.start({
      permissions: 'all',
      args: ['--rename-command', 'AUTH', 'LOGIN'],
    })
    started.defer(() => server.stop())
    const own = connection({ host: '127.0.0.1', port: server.port, username: 'alice', password: 's3cret' })
    const reason = await call(own).catch((error: Error) => error)
    expect(reason).toMatchObject({ message: expect.stringMatching(/^ERR unknown command .AUTH.$/) })
    expect(reason).not.toMatchObject({ stack: expect.stringContaining('s3cret') })
    expect(reason).not.toHaveProperty('cause')
  })
})

describe('a server that goes on reading its keys', () => {
  it('is told of by what it says', async () => {
    const server = await serverOf((command) => (command[0] === 'EVAL' ? LOADING : agree(command)))
    const own = connection(server.address)
    await expect(call(own)).rejects.toThrow(/^LOADING Redis is loading/)
  })

  it('does not keep the other nodes of a Cluster waiting', async () => {
    const { low, high } = await halves()
    high.answer = (command) => (command[0] === 'EVAL' ? LOADING : agree(command))
    const own = connection({ nodes: [low.address] })
    await answers(own, LOW)
    await expect(call(own, HIGH)).rejects.toThrow('there is no connection')
  })

  it('is left for the primary that Sentinels name meanwhile', async () => {
    const before = await serverOf((command) => (command[0] === 'EVAL' ? LOADING : agree(command)))
    const after = await serverOf()
    let primary = before
    const sentinel = await serverOf(([, what]) => {
      const { host, port } = primary.address
      return what === 'SENTINELS' ? '*0\r\n' : encodeReply([host, String(port)])
    })
    const own = connection({ sentinels: [sentinel.address], name: 'main' })
    await expect(call(own)).rejects.toThrow('LOADING')
    primary = after
    await answers(own, LOW)
  })
})

describe('a node of a Cluster', () => {
  it('that has lost its slots is not asked any more once another node has them', async () => {
    const { low, high } = await halves()
    const own = connection({ nodes: [low.address] })
    await call(own, LOW)
    const { host, port } = high.address
    // Started again, and empty: its address is as before.
    low.answer = ([name]) => (name === 'CLUSTER' ? '*0\r\n' : '-CLUSTERDOWN Hash slot not served\r\n')
    await expect(call(own, LOW)).rejects.toThrow('CLUSTERDOWN')
    high.answer = (command) =>
      command[0] === 'CLUSTER' ? encodeReply([[0, 16_383, [host, port, 'id']]]) : agree(command)
    await answers(own, LOW)
  })

  it('that is cut off from the others is not asked who has its slots now', async () => {
    const { low, high, slots } = await halves()
    const own = connection({ nodes: [low.address] })
    await call(own, LOW)
    const { host, port } = high.address
    let asked = 0
    low.answer = ([name]) => {
      if (name !== 'CLUSTER') return '-CLUSTERDOWN The cluster is down\r\n'
      asked++
      return slots()
    }
    high.answer = (command) =>
      command[0] === 'CLUSTER' ? encodeReply([[0, 16_383, [host, port, 'id']]]) : agree(command)
    await answers(own, LOW)
    expect(asked).toBe(0)
  })

  it('whose address the others have lost takes no other one down', async () => {
    const high = await serverOf()
    const { host, port } = high.address
    const slots = encodeReply([
      [0, 8191, ['', 0, 'id']],
      [8192, 16_383, [host, port, 'id']],
    ])
    high.answer = (command) => (command[0] === 'CLUSTER' ? slots : agree(command))
    const own = connection({ nodes: [high.address] })
    expect(await call(own, HIGH)).toBe(1)
    await expect(call(own, LOW)).rejects.toThrow('no node has the slot of this key')
  })

  it('that refuses a password takes no other one down', async () => {
    const { low, high, slots } = await halves()
    let asked = 0
    const password = () => `word ${++asked}`
    const own = connection({ nodes: [low.address], password })
    await call(own, HIGH)
    expect(asked).toBe(1)
    high.answer = ([name]) => (name === 'AUTH' ? WRONGPASS : '-NOAUTH Authentication required.\r\n')
    high.hangUp()
    await until('the password was asked for again', () => asked > 3)
    await call(own, LOW)
    expect(low.connections).toBe(1)
    await expect(call(own, HIGH)).rejects.toThrow('WRONGPASS')
    high.answer = (command) => (command[0] === 'CLUSTER' ? slots() : agree(command))
    await answers(own, HIGH)
  })

  it('says what is wrong with the options of TLS', async () => {
    const own = connection({ nodes: [{ host: '127.0.0.1', port: 1 }], tls: { key: 'no key', cert: 'none' } })
    await expect(call(own)).rejects.toThrow('PEM')
  })
})

describe('a Sentinel', () => {
  it('that refuses a password says so', async () => {
    const sentinel = await serverOf(([name]) => (name === 'AUTH' ? WRONGPASS : '-NOAUTH required.\r\n'))
    const own = connection({ sentinels: [sentinel.address], name: 'main', sentinelPassword: 'wrong' })
    await expect(call(own)).rejects.toThrow('no Sentinel knows the primary main: WRONGPASS')
  })

  it('is found among those that are gone, however many there were', async () => {
    let round = 0
    const sentinel = await serverOf(([, what]) => {
      if (what !== 'SENTINELS') return encodeReply(['127.0.0.1', '6379'])
      const gone = Array.from({ length: 5 }, (_, i) => ['ip', '127.0.0.1', 'port', String(5 * round + i + 1)])
      return encodeReply(gone)
    })
    const sentinels = new Sentinels({ sentinels: [sentinel.address], name: 'main' })
    started.defer(() => sentinels.close())
    for (; round < 10; round++) {
      expect(await sentinels.primary()).toEqual({ host: '127.0.0.1', port: 6379 })
      sentinel.hangUp()
    }
  })
})
