import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isRouterError } from '../errors.ts'
import { createFramer, type Frame, type Framing } from './frames.ts'

function frames(framing: Framing, ...chunks: readonly (string | Uint8Array)[]): Frame[] {
  const framer = createFramer(framing)
  const found = chunks.flatMap((chunk) => framer.feed(typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
  return [...found, ...framer.end()]
}

const sse = (...chunks: readonly (string | Uint8Array)[]): Frame[] => frames('sse', ...chunks)

test('lines of an event stream end in LF, CRLF or CR', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    assert.deepEqual(
      sse(`data: a${end}${end}data: b${end}${end}`),
      [{ data: 'a' }, { data: 'b' }],
      JSON.stringify(end),
    )
  }
})

test('a frame ended by CR is out before the next byte comes', () => {
  const framer = createFramer('sse')
  assert.deepEqual(framer.feed(Buffer.from('data: a\r\r')), [{ data: 'a' }])
})

test('a CRLF cut between its halves is one line end', () => {
  assert.deepEqual(sse('data: a\r', '\ndata: b\r', '\n\r', '\n'), [{ data: 'a\nb' }])
  // Negative control: two separate line ends are a blank line.
  assert.deepEqual(sse('data: a\r', '\rdata: b\r', '\r'), [{ data: 'a' }, { data: 'b' }])
})

test('an empty chunk between the halves of a CRLF changes nothing', () => {
  assert.deepEqual(sse('data: a\r', '', '\ndata: b\n\n'), [{ data: 'a\nb' }])
})

test('comments and unknown fields are skipped', () => {
  assert.deepEqual(sse(': OPENROUTER PROCESSING\n\nid: 1\nretry: 5\nfoo: x\ndata: a\n: late\n\n'), [
    { data: 'a' },
  ])
})

test('several data lines join with LF and one space after the colon is dropped', () => {
  assert.deepEqual(sse('data:a\ndata:  b\ndata\n\n'), [{ data: 'a\n b\n' }])
})

test('the event name belongs to its frame only', () => {
  assert.deepEqual(sse('event: error\ndata: a\n\ndata: b\n\n'), [
    { event: 'error', data: 'a' },
    { data: 'b' },
  ])
})

test('an event without data is none', () => {
  assert.deepEqual(sse('event: ping\n\ndata:\n\ndata: a\n\n'), [{ data: 'a' }])
})

test('half an event at the end of the stream does not count', () => {
  assert.deepEqual(sse('data: a\n\ndata: half\n'), [{ data: 'a' }])
  assert.deepEqual(sse('data: half'), [])
})

test('a byte order mark at the start is dropped', () => {
  const bytes = Buffer.from('\uFEFFdata: a\n\n')
  assert.deepEqual(sse(bytes), [{ data: 'a' }])
  assert.deepEqual(sse(bytes.subarray(0, 1), bytes.subarray(1)), [{ data: 'a' }])
})

test('an NDJSON line without its newline counts at the end, blank lines do not', () => {
  assert.deepEqual(frames('ndjson', '{"a":1}\r\n\n{"b"', ':2}'), [{ data: '{"a":1}' }, { data: '{"b":2}' }])
})

test('characters cut between chunks stay whole', () => {
  for (const [framing, text] of [
    ['sse', 'data: ü🌍\n\n'],
    ['ndjson', '"ü🌍"\n'],
  ] as const) {
    const bytes = Buffer.from(text)
    const whole = frames(framing, bytes)
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepEqual(frames(framing, bytes.subarray(0, at), bytes.subarray(at)), whole)
    }
  }
})

test('any text cut anywhere gives the same frames', () => {
  const pieces = fc.array(
    fc.constantFrom('data: a', 'data:', ':c', 'event: e', '\n', '\r', '\r\n', 'ü', 'data: 🌍', 'x'),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(
      fc.constantFrom<Framing>('sse', 'ndjson'),
      pieces,
      fc.array(fc.nat(60)),
      (framing, parts, cuts) => {
        const bytes = Buffer.from(parts.join(''))
        const points = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b)
        const chunks = points.map((point, index) => bytes.subarray(points[index - 1] ?? 0, point))
        assert.deepEqual(frames(framing, ...chunks), frames(framing, bytes))
      },
    ),
  )
})

test('a frame that never ends is refused', () => {
  const piece = Buffer.from('x'.repeat(100))
  const many = Buffer.from(`data: ${'x'.repeat(90)}\n`)
  for (const [framing, chunk] of [
    ['sse', piece],
    ['sse', many],
    ['ndjson', piece],
    ['ndjson', Buffer.from(`${'x'.repeat(2000)}\n`)],
  ] as const) {
    const framer = createFramer(framing, { maxBytes: 1000 })
    assert.throws(
      () => {
        for (let round = 0; round < 20; round++) framer.feed(chunk)
      },
      (error) => isRouterError(error) && error.code === 'frame_too_large',
    )
  }
})

test('many small frames are not one large one', () => {
  for (const [framing, text] of [
    ['sse', `data: ${'x'.repeat(90)}\n\n`],
    ['ndjson', `${'x'.repeat(90)}\n`],
  ] as const) {
    const framer = createFramer(framing, { maxBytes: 100 })
    for (let round = 0; round < 50; round++) assert.equal(framer.feed(Buffer.from(text)).length, 1)
  }
})
