import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPasted } from './pasted.ts'

const body = '{"error":{"message":"m","code":429}}'

describe('a pasted answer', () => {
  it('is recognised by its form', () => {
    const table = [
      [`HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\n\r\n${body}`, 'http', 429, 'answer'],
      [`HTTP/1.1 100 Continue\n\nHTTP/2 503\nx: y\n\nbusy`, 'http', 503, 'answer'],
      ['HTTP/1.1 401 Unauthorized', 'http', 401, 'answer'],
      [`HTTP/1.1 200 OK\n\ndata: {"choices":[]}\n\ndata: ${body}\n\n`, 'http', 429, 'body'],
      [`{"status":402,"headers":{},"body":${body}}`, 'wrapper', 402, 'answer'],
      ['{"status":503,"body":"text"}', 'wrapper', 503, 'answer'],
      [body, 'json', 429, 'body'],
      [`\uFEFF${body}`, 'json', 429, 'body'],
      ['[{"error":{"code":400}}]', 'json', 400, 'body'],
      ['{"status":404,"title":"Not Found"}', 'json', 404, 'body'],
      ['{"error":"busy"}', 'json', 502, 'assumed'],
      ['{"message":"m","code":"1300"}', 'json', 502, 'assumed'],
      [`: keep-alive\n\nevent: error\ndata: ${body}\n\ndata: [DONE]\n`, 'event', 429, 'body'],
      ['data: {"choices":[{"error":{"code":503}}]}\n', 'event', 503, 'body'],
      ['{"message":{"content":"a"}}\n{"error":"x"}\n', 'line', 502, 'assumed'],
      ['<html><title>429 Too Many Requests</title></html>', 'page', 429, 'body'],
      ['<!doctype html><p>sorry', 'page', 502, 'assumed'],
      [`429 ${body}`, 'text', 429, 'body'],
      ['Error: 503 no healthy upstream', 'text', 503, 'body'],
      ['sorry', 'text', 502, 'assumed'],
    ] as const
    for (const [text, form, status, statusFrom] of table) {
      const pasted = readPasted(text)
      assert.deepEqual(
        { form: pasted.form, status: pasted.status, statusFrom: pasted.statusFrom },
        { form, status, statusFrom },
        text,
      )
    }
  })

  it('keeps headers by lower-case name, and the moment it tells', () => {
    const http = readPasted(
      `HTTP/1.1 429 X\nRetry-After: 7\nDate: Mon, 23 Nov 2026 10:00:00 GMT\nbad line\n\n${body}`,
    )
    assert.equal(http.headers['retry-after'], '7')
    assert.equal(http.at, Date.parse('2026-11-23T10:00:00Z'))
    assert.equal(http.text, body)
    const wrapper = readPasted(
      '{"status":429,"headers":{"Retry-After":7,"X":["a","b"],"Y":{}},"body":"x","now":"2026-11-23T10:00:00Z"}',
    )
    assert.deepEqual({ ...wrapper.headers }, { 'retry-after': '7', x: 'a', y: '' })
    assert.equal(wrapper.at, Date.parse('2026-11-23T10:00:00Z'))
  })

  it('takes anything, and no more of it than the router does', () => {
    for (const text of [
      '',
      ' ',
      'null',
      '[]',
      '{',
      'HTTP/1.1',
      'data: {',
      '{"status":1,"body":null}',
      '[[['.repeat(9),
    ]) {
      assert.ok(readPasted(text).status >= 400, text)
    }
    assert.equal(readPasted(`<html>${'x'.repeat(200_000)}`).text.length, 65_536)
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    assert.equal(readPasted(`{"status":500,"body":${deep}}`).status, 500)
    assert.equal(readPasted(deep).form, 'json')
  })
})
