import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEndMarkScanner } from './end-mark.ts'

const mark = 'data: [DONE]'

function heldBack(chunks: readonly string[]): string {
  const scanner = createEndMarkScanner(mark)
  let held = ''
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk)
    held = bytes.subarray(scanner.scan(bytes)).toString()
  }
  return held
}

test('the mark is held back from its first byte, whatever stands before it', () => {
  assert.equal(heldBack(['data: {"a":1}\n\ndata: [DONE]\n\n']), 'data: [DONE]\n\n')
  assert.equal(heldBack(['data: [DONE]\r\n\r\n']), 'data: [DONE]\r\n\r\n')
})

test('a mark cut at any byte is never let out whole', () => {
  const whole = 'data: {"x":"y"}\n\ndata: [DONE]\n\n'
  for (let cut = 0; cut <= whole.length; cut++) {
    for (let second = cut; second <= whole.length; second++) {
      const parts = [whole.slice(0, cut), whole.slice(cut, second), whole.slice(second)].filter(
        (part) => part !== '',
      )
      const scanner = createEndMarkScanner(mark)
      let passed = ''
      let held = ''
      for (const part of parts) {
        const bytes = Buffer.from(part)
        const at = scanner.scan(bytes)
        if (at > 0) passed += held
        held = (at > 0 ? '' : held) + bytes.subarray(at).toString()
        passed += bytes.subarray(0, at).toString()
      }
      assert.ok(!passed.includes(mark), JSON.stringify(parts))
      assert.equal(passed + held, whole)
    }
  }
})

test('the words inside an answer are not the mark', () => {
  assert.equal(heldBack(['data: {"content":"say data: [DONE]"}\n\n']), '')
})
