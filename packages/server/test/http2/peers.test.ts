import { describe, expect, it } from 'vitest'
import { Peers } from '../../src/http2/peers.ts'

describe('what is held for peers', () => {
  it('is one for all connections of a peer, and forgotten with the last of them', () => {
    const peers = new Peers((peer) => peer)
    const one = peers.add('192.0.2.1')
    expect(peers.add('192.0.2.1')).toBe(one)
    expect(peers.add('192.0.2.2')).not.toBe(one)
    peers.delete('192.0.2.1')
    expect(peers.add('192.0.2.1')).toBe(one)
    peers.delete('192.0.2.1')
    peers.delete('192.0.2.1')
    expect(peers.add('192.0.2.1')).not.toBe(one)
  })

  it('is bounded for one peer, and for all together, known or not', () => {
    const peers = new Peers((peer) => peer)
    const mebibyte = 1024 * 1024
    const one = peers.add('192.0.2.1')
    expect(one.take(32 * mebibyte)).toBe(true)
    expect(one.take(1)).toBe(false)
    expect(peers.add(undefined).take(96 * mebibyte)).toBe(true)
    expect(peers.add('192.0.2.2').take(1)).toBe(false)
    one.give(1)
    expect(peers.add('192.0.2.2').take(1)).toBe(true)
  })

  it('is one for all peers of a group, such as a network', () => {
    const peers = new Peers((peer) => peer.slice(0, 4))
    const one = peers.add('2001:db8::1')
    expect(peers.add('2001:db8::2')).toBe(one)
    expect(peers.add('2002:db8::1')).not.toBe(one)
    peers.delete('2001:db8::1')
    expect(peers.add('2001:db8::3')).toBe(one)
  })
})
